import neostandard from 'neostandard'

export default neostandard({
  ts: true,
  ignores: ['**/dist/**', '.aurora/**', '.tap/**'],
  filesTs: ['**/*.ts', '**/*.tsx']
})
