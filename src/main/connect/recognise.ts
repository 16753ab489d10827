import type { ClientKind } from '../../api/index.ts';

/** What a client says of itself, in OAuth and in MCP; none of it is proof of anything. */
export interface SelfDescription {
  /** `clientInfo.name` of MCP. */
  info?: string | undefined;
  /** `client_name` of its registration, or the address that names it. */
  name?: string | undefined;
  redirects?: readonly string[] | undefined;
}

/** In this order: Cursor calls itself `cursor-vscode`, and Claude Code must not be taken for the other Claude. */
const names: readonly (readonly [ClientKind, RegExp])[] = [
  ['cursor', /\bcursor\b/i],
  ['claude-code', /\bclaude[\s_-]?code\b/i],
  ['claude-desktop', /\bclaude([\s_-]?(ai|desktop))?\b/i],
  ['vs-code', /\bvisual studio code\b|\bvs[\s_-]?code\b/i],
];
const addresses: readonly (readonly [ClientKind, RegExp])[] = [
  ['cursor', /^cursor:|^https:\/\/www\.cursor\.com\//],
  ['vs-code', /^https:\/\/(insiders\.)?vscode\.dev\/redirect|^http:\/\/127\.0\.0\.1:33418\//],
];

/** Which client this is, by what it says of itself, the most particular first; for what people are shown, never for what it may do. */
export function recognise({ info, name, redirects = [] }: SelfDescription): ClientKind {
  for (const said of [info, name]) for (const [kind, pattern] of names) if (said !== undefined && pattern.test(said)) return kind;
  return addresses.find(([, pattern]) => redirects.some((redirect) => pattern.test(redirect)))?.[0] ?? 'other';
}
