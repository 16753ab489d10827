/**
 * What a spreadsheet would run as a formula, or open a field with (OWASP, CSV Injection), their full-width forms too.
 * Apostrophes before it belong to it, so that the guard can be taken off again.
 */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** Guards a cell against being run as a formula: an apostrophe before it. */
export function guardCell(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** Takes the guard off again: `unguardCell(guardCell(text))` is `text`. */
export function unguardCell(text: string): string {
  return text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
}
