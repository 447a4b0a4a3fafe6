import neostandard from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: ['**/dist/**', '.aurora/**', '.tap/**'], filesTs: ['**/*.ts', '**/*.tsx'] }),
  // These files quote source code, template strings included.
  { files: ['scripts/mutate/**'], rules: { 'no-template-curly-in-string': 'off' } }
]
