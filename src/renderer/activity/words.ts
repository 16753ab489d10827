/** @param ms a time; undefined where nothing was timed. */
export function timeText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
}

/** A count in a table, in which nothing is to catch the eye where there is nothing. */
export function countText(value: number): string {
  return value === 0 ? '–' : value.toLocaleString('en');
}

/** A large count where there is little room, such as `1.2M`. */
export function shortCount(value: number): string {
  return value.toLocaleString('en', { notation: 'compact' });
}

/** @param dollars undefined where no price is known. */
export function costText(dollars: number | undefined): string {
  if (dollars === undefined) return '–';
  return dollars < 0.01 ? 'under $0.01' : dollars.toLocaleString('en', { style: 'currency', currency: 'USD' });
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
