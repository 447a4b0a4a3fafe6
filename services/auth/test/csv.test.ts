import t from 'tap'
import { csvRow } from '../csv.ts'

t.test('cells are quoted, and quotes in them doubled', async t => {
  t.equal(csvRow(['a', 'b,c', 'd"e', 'f\ng', '']), '"a","b,c","d""e","f\ng",""\r\n')
})

t.test('a cell that a spreadsheet would take for a formula becomes text', async t => {
  for (const cell of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=cmd|\' /C calc\'!A0', '＝1', '＋1', '－1', '＠a']) {
    t.equal(csvRow([cell]), `"'${cell}"\r\n`)
  }
  for (const cell of ['a=1', '1', '{}', ' x', '\'=1', '018f-0000']) t.equal(csvRow([cell]), `"${cell}"\r\n`)
})
