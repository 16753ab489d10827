const names =
  'authorization|proxy-authorization|cookie|set-cookie|x-api-key|api_?key|token|access_?token|refresh_?token|id_?token|registration_?access_?token|code|code_?verifier|device_?code|user_?code|sign_?in_?code|password|passphrase|client_?secret|secret|assertion|private_?key|key';

/** What a member named `code` has where it is no secret: the name or the number of an error. */
const errorCode = String.raw`code\1\s*:\s*(?:\\*"[A-Z][A-Z_]+\\*"|-\d|\d{1,5}\b)`;
/**
 * A member of JSON, also of JSON that is text inside JSON, five levels deep, whose name says that it is secret. Strangers write lines of the log:
 * nothing here may be looked for from each of many places to the end, which is why backslashes are counted.
 */
const members = new RegExp(
  String.raw`(\\{0,31}")(?!${errorCode})(${names})\1(\s*:\s*)(?:(\\{0,31}")(?:(?!\4)(?:\\.|[^\\]))*\4|\[[^\][{}]*\]|-?\d[\w.+-]*)`,
  'gi',
);
/** A field of a query or a form. */
const fields = new RegExp(String.raw`([?&;\s"]|^)(${names})=([^&;\s"\\]+)`, 'gi');

/** Secrets that their form tells, wherever they are. */
const forms: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic|DPoP)\s+[\w.~+/-]+=*/gi, '$1 [redacted]'],
  // Tandem's own access keys.
  [/\btandem_[\w-]{8,}/g, '[redacted]'],
  // Signed or encrypted JSON, such as access tokens (RFC 7519).
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*){1,3}/g, '[redacted]'],
  // Keys of model providers.
  [/\bsk-[\w-]{16,}/g, '[redacted]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[redacted]'],
  [/(:\/\/[^\s/:@"]*:)[^\s/@"]+@/g, '$1[redacted]@'],
];

/** What JSON leaves as it is and a terminal obeys: the second set of controls, ends of lines, and what turns the order of reading round. */
const obeyed = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Takes secrets out of a line of the log: members and fields by their names, tokens and keys by their form inside any text. What would
 * make a terminal show something else is escaped.
 * @param line one line of JSON. @returns one line of JSON.
 */
export function redact(line: string): string {
  let text = line.replace(members, '$1$2$1$3$1[redacted]$1').replace(fields, '$1$2=[redacted]');
  for (const [form, instead] of forms) text = text.replace(form, instead);
  return text.replace(obeyed, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
