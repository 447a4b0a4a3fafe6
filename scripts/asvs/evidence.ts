import ts from 'typescript'

/** A test or a section of a document that is named as evidence: `` `path/to/file.test.ts`: "its exact title" ``. */
export interface Evidence { file: string, title: string }

const named = /`([^`\s]+\.(?:test\.ts|md))`: "([^"]+)"/g
const mentioned = /[\w/.-]+\.test\.ts/g

/** What a cell names, what of it is named without a title, and the words that are left. */
export function evidenceIn (text: string): { evidence: Evidence[], untitled: string[], words: string } {
  const evidence = [...text.matchAll(named)].map(([, file = '', title = '']) => ({ file, title }))
  const words = text.replaceAll(named, ' ')
  return { evidence, untitled: words.match(mentioned) ?? [], words }
}

/** The titles of the tests in a file, as they are run: not those in comments, left out (`skip`, `todo`) or put together from parts. */
export function titlesOf (source: string): Set<string> {
  const titles = new Set<string>()
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'test') {
      const [title, ...rest] = node.arguments
      if (title !== undefined && ts.isStringLiteralLike(title) && !rest.some(isLeftOut)) titles.add(title.text)
    }
    ts.forEachChild(node, look)
  }
  look(ts.createSourceFile('a.test.ts', source, ts.ScriptTarget.Latest))
  return titles
}

const isLeftOut = (argument: ts.Expression): boolean => ts.isObjectLiteralExpression(argument) &&
  argument.properties.some(({ name }) => name !== undefined && ts.isIdentifier(name) && ['skip', 'todo'].includes(name.text))

/** The headings of a document, without their marks. */
export const headingsOf = (markdown: string): Set<string> =>
  new Set(markdown.split('\n').flatMap(line => /^#{1,6} (.+)$/.exec(line)?.[1]?.trim() ?? []))
