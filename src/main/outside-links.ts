/**
 * Addresses that the window may hand to the system: pages of the web, and the one thing that it asks of VS Code and Cursor. Any
 * other address of another program could make that do what nobody wants.
 */
const openedOutside = [
  // A page of this computer, as a tool may ask to visit, has no certificate.
  /^https?:\/\//,
  /^vscode:mcp\/install\?/,
  /^cursor:\/\/anysphere\.cursor-deeplink\/mcp\/install\?/,
];

/** Whether the system may open this address for the person. */
export function isOpenedOutside(url: string): boolean {
  return openedOutside.some((pattern) => pattern.test(url));
}
