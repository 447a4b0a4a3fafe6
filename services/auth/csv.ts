/** A row as RFC 4180 has it, every cell in quotes. */
export const csvRow = (cells: string[]): string => `${cells.map(cell => `"${defused(cell).replaceAll('"', '""')}"`).join(',')}\r\n`

/**
 * Quotes do not keep a spreadsheet from taking a cell that begins like a formula for one: a target that a stranger chose would then run on the machine of whoever
 * opens the export. An apostrophe makes it text. The list is OWASP's, with the wide forms that some locales take for the same.
 */
const defused = (cell: string): string => /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell
