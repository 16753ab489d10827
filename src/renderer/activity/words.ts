/** @param ms a time; undefined where nothing was timed. */
export function timeText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
}

export function clockText(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** What the assistant's kinds of tasks are called. */
export const taskNames: Record<string, string> = {
  'mcp.add_prompt': 'Questions answered',
  'mcp.create_context': 'Conversations begun',
  'mcp.add_node': 'Pieces added',
  'mcp.delete_node': 'Pieces removed',
  'mcp.delete_context': 'Conversations removed',
};

/** What the parts of Tandem are called. */
export const partNames = {
  database: 'Directory',
  disk: 'Room on the disk',
  mcp: 'AI clients',
  auth: 'Sign-in',
  scim: 'SCIM over REST',
  assistant: 'Agent',
  events: 'Change events',
  keychain: 'Secrets',
} as const;
