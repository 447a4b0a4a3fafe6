import t from 'tap'
import { peopleIn } from '../lines.ts'

const passwordHash = '$2b$08$3YOHDpfHcQfEzkRzeoUUWOKclHt1pxmUowLjJ7IqaL8VTjMTPtrSi'
const person = { email: 'ann@example.test', name: 'Ann', passwordHash, organisation: 'Operations', role: 'owner' }
const file = (...lines: Array<object | string>) => Buffer.from(lines.map(line => typeof line === 'string' ? line : JSON.stringify(line)).join('\n'))
const errorsOf = (...lines: Array<object | string>) => peopleIn(file(...lines)).errors

t.test('a line is a person; address and names in their normal form', async t => {
  const { people, errors } = peopleIn(file({ ...person, email: ' Ann@EXAMPLE.test ', name: ' <b>Ann</b>  Example ' }, { ...person, email: 'bob@example.test', role: 'viewer' }, ''))
  t.strictSame(errors, [])
  t.strictSame(people, [{ line: 1, ...person, name: 'Ann Example' }, { line: 2, ...person, email: 'bob@example.test', role: 'viewer' }])
})

t.test('everything wrong is said, with its line, and all at once', async t => {
  t.match(errorsOf({ ...person, email: 'nobody', role: 'root', name: '<i></i>' }, person, '{', { ...person, email: 'ANN@example.test' }), [
    { line: 1, message: /^\/email / }, { line: 1, message: /^\/name / }, { line: 1, message: /^\/role / }, { line: 3, message: /JSON/ }, { line: 4, message: '/email stands on line 2 already' }
  ])
})

t.test('what is not just such an object is refused, and its text is not repeated', async t => {
  const { role: _role, ...less } = person
  const wrong = [
    ' ', '[]', 'null', '"text"', '1', '{"email":', `${JSON.stringify(person)}${JSON.stringify(person)}`, less, {}, { ...person, admin: true }, JSON.stringify(person).replace('{', '{"__proto__":{},'),
    ...Object.keys(person).flatMap(field => [null, 1, true, {}, [], '', 'x'.repeat(3000)].map(value => ({ ...person, [field]: value }))),
    { ...person, name: 'x'.repeat(4096) }, { ...person, passwordHash: passwordHash.replace('$08$', '$15$') }, { ...person, passwordHash: passwordHash.replace('$2b$', '$2y$') }, { ...person, passwordHash: 'md5:5f4dcc3b5aa765d61d8327deb882cf99' }
  ]
  // Another address before it, so that none is refused for standing there twice.
  const before = { ...person, email: 'before@example.test' }
  for (const line of wrong) {
    const errors = errorsOf(before, line)
    t.ok(errors.length > 0 && errors.every(error => error.line === 2), JSON.stringify(line).slice(0, 80))
    t.notMatch(JSON.stringify(errors), /3YOHDpf|5f4dcc/)
  }
  t.match(peopleIn(Buffer.concat([file(person), Buffer.from([0x0a, 0xff, 0xfe])])).errors, [{ line: 2 }], 'invalid UTF-8')
  t.match(errorsOf(person, '', { ...person, email: 'bob@example.test' }), [{ line: 2 }], 'an empty line')
  t.match(peopleIn(Buffer.alloc(0)).errors, [{ line: 1 }], 'an empty file')
})
