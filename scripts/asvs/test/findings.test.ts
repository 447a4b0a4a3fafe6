import t from 'tap'
import { rowsOf } from '../account.ts'
import { findingsIn, type Requirement } from '../findings.ts'
import { totalsOf } from '../totals.ts'

const requirements: Requirement[] = [{ id: 'V6.1.1', level: 1, documentation: true }, { id: 'V6.2.1', level: 1 }, { id: 'V6.2.2', level: 2 }]
const files: Record<string, string> = {
  'services/auth/test/door.test.ts': ["t.test('the door is shut', async t => {})", "// t.test('an old one')", "t.test('left out', { skip: true }, () => {})", "t.test('a door of ' + 'wood', () => {})"].join('\n'),
  'docs/door.md': '# The door\n\n## How it shuts\n'
}
const good = [
  '| V6.1.1 | 1 | met | `docs/door.md`: "How it shuts" |',
  '| V6.2.1 | 1 | met | It shuts. `services/auth/test/door.test.ts`: "the door is shut" |',
  '| V6.2.2 | 2 | not applicable | There is no second door here |'
]
const accountOf = (lines: string[]) => rowsOf('docs/asvs/v6.md', ['# A chapter', '', '| id | level | verdict | evidence or reason |', '|---|---|---|---|', ...lines].join('\n'))

function findingsOf (lines: string[]): string[] {
  const { rows, strange } = accountOf(lines)
  return [...strange, ...findingsIn(requirements, rows, file => files[file] ?? null)]
}
/** The good account with another row in place of one. */
const withRow = (index: number, row: string) => findingsOf(good.with(index, row))

t.test('an account that is whole has no finding', async t => {
  t.strictSame(findingsOf(good), [])
})

t.test('a requirement that is missing, doubled, unknown or hidden by a slip of the pen is found', async t => {
  t.strictSame(findingsOf(good.slice(1)), ['V6.1.1 is missing'])
  t.strictSame(findingsOf([...good, good[2] as string]), ['docs/asvs/v6.md:8: V6.2.2 stands there twice'])
  t.match(findingsOf([...good, '| V6.9.9 | 1 | not met | nobody has ever asked for it |']), [/V6\.9\.9 is no requirement/])
  t.match(withRow(2, '| V6.2.2 | 2 | not applicable |'), [/four cells/, /V6\.2\.2 is missing/])
  t.match(withRow(2, '| V6.2.2 | 3 | not applicable | There is no second door here |'), [/V6\.2\.2 is of level 2/])
})

t.test('a verdict is one of three', async t => {
  for (const verdict of ['mostly met', 'Met', '']) t.match(withRow(2, `| V6.2.2 | 2 | ${verdict} | There is no second door here |`), [/is neither met nor not met nor not applicable/], verdict)
})

t.test('a named test that vanished, was left out, is a comment, has a title of parts or no title is found', async t => {
  const named = (title: string) => withRow(1, `| V6.2.1 | 1 | met | \`services/auth/test/door.test.ts\`: "${title}" |`)
  for (const title of ['the door is open', 'The door is shut', 'the door', 'left out', 'an old one', 'a door of wood']) t.match(named(title), [/which is not in services\/auth\/test\/door\.test\.ts/], title)
  t.strictSame(named('the door is shut'), [])
  t.match(withRow(1, '| V6.2.1 | 1 | met | `services/auth/test/gone.test.ts`: "the door is shut" |'), [/gone\.test\.ts, which is not there/])
  t.match(withRow(1, '| V6.2.1 | 1 | met | `../door.test.ts`: "the door is shut" |'), [/which is not there/])
  t.match(withRow(1, '| V6.2.1 | 1 | met | see services/auth/test/door.test.ts for this one |'), [/without a title/, /names no test/])
  t.match(withRow(2, '| V6.2.2 | 2 | not met | only half: `services/auth/test/door.test.ts`: "gone" and that is not enough |'), [/which is not in/], 'also where it is not the whole proof')
})

t.test('what is met has a test, and a section of a document where a document is asked for', async t => {
  t.match(withRow(1, '| V6.2.1 | 1 | met | It shuts, believe us, it does |'), [/V6\.2\.1 is met and names no test/])
  t.match(withRow(1, '| V6.2.1 | 1 | met | `docs/door.md`: "How it shuts" |'), [/names no test/])
  t.match(withRow(0, '| V6.1.1 | 1 | met | `docs/door.md`: "How it opens" |'), [/which is not in docs\/door\.md/])
  t.match(withRow(0, '| V6.1.1 | 1 | met | it is written down somewhere |'), [/names no section/])
})

t.test('what is not met or not applicable has a reason', async t => {
  for (const verdict of ['not met', 'not applicable']) {
    for (const reason of ['', 'no', 'n/a, see above', '`services/auth/test/door.test.ts`: "the door is shut"']) {
      t.match(withRow(2, `| V6.2.2 | 2 | ${verdict} | ${reason} |`), [/V6\.2\.2 has no reason/], reason)
    }
  }
})

t.test('a bar in a title is written with a backslash', async t => {
  files['services/auth/test/bar.test.ts'] = "t.test('one | two', async () => {})"
  t.strictSame(withRow(1, '| V6.2.1 | 1 | met | `services/auth/test/bar.test.ts`: "one \\| two" |'), [])
})

t.test('totals are by chapter and by level', async t => {
  t.match(totalsOf(accountOf(good).rows), /\| V6 \| 2 \| 0 \| 1 \| 3 \|\n\| level 1 \| 2 \| 0 \| 0 \| 2 \|\n\| level 2 \| 0 \| 0 \| 1 \| 1 \|\n\| all \| 2 \| 0 \| 1 \| 3 \|$/)
})
