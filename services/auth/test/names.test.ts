import t from 'tap'
import { nameOf } from '../names.ts'

const statusOf = (name: string) => {
  try {
    return nameOf(name, '/name')
  } catch (error) {
    return (error as { status?: number }).status
  }
}

t.test('a name is measured as it is kept, without tags, and is not empty', async t => {
  t.equal(statusOf('  Ada\n <b>Lovelace</b> '), 'Ada Lovelace')
  t.equal(statusOf('<b></b>'), 400)
  t.equal(statusOf('é'.repeat(200)), 'é'.repeat(200))
  t.equal(statusOf('\ufb2c'.repeat(200)), 400, 'one character that normalising makes three')
})
