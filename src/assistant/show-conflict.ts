import type { ToolResult } from './offline/index.ts';
import { labelOf, nameOf, parsePath, valueAt, withValue, type UserRecord } from './record.ts';

type Call = (tool: string, args: Record<string, unknown>) => Promise<ToolResult>;

/**
 * The scenario of an administrator and an agent who edit the same person: the agent reads the user and changes the fields
 * named, through MCP and with the version that it has read, as any agent would.
 * @param fields SCIM paths, as differences name them.
 * @param random in [0, 1).
 */
export async function playConflict(options: {
  userId: string;
  fields: readonly string[];
  call: Call;
  say: (text: string) => void;
  random: () => number;
}): Promise<void> {
  const { userId, call, say, random } = options;
  const read = await call('scim_get_user', { user_id: userId });
  if (!read.success) return say('That person does not exist any more, so there is nothing to change.');
  const user = read.content;
  let record: UserRecord = user;
  const changed: string[] = [];
  const skipped: string[] = [];
  for (const path of options.fields) {
    const value = otherValue(path, valueAt(user, path), random);
    const next = value === undefined ? undefined : withValue(record, path, value);
    if (next) {
      record = next;
      changed.push(labelOf(path));
    } else skipped.push(labelOf(path));
  }
  if (skipped.length > 0) say(`I leave ${skipped.join(', ')} alone: I have no other value for it. `);
  if (changed.length === 0) return say('So there is nothing for me to change. Edit a text field, then try again.');
  say(`You are editing ${nameOf(user)}. I now change ${changed.join(', ')} too, through MCP, as any AI client would.`);
  const { meta: _meta, _version, ...data } = record;
  const written = await call('scim_update_user', { user_id: userId, user_data: data, expected_version: _version });
  say(
    written.success
      ? 'Done. The window knows already: see the banner above the form, and decide what should stand. Nothing of yours was overwritten.'
      : `It was refused: ${written.content.error ?? 'no reason was given'}`,
  );
}

const examples: Record<string, readonly string[]> = {
  title: ['Team Lead', 'Senior Advisor', 'Programme Manager', 'Principal Consultant'],
  department: ['Research', 'Strategy', 'Customer Success', 'Quality'],
  nickName: ['Ace', 'Sunny', 'Scout', 'Captain'],
  givenName: ['Alex', 'Robin', 'Sam', 'Kim'],
  familyName: ['Morgan', 'Lindholm', 'Ferrari', 'Okoye'],
  userType: ['Employee', 'Contractor', 'Intern'],
  locality: ['Lisbon', 'Toronto', 'Singapore', 'Nairobi'],
  costCenter: ['CC-210', 'CC-220', 'CC-230'],
  timezone: ['Europe/Lisbon', 'America/Toronto', 'Asia/Singapore'],
  locale: ['en-GB', 'pt-PT', 'de-DE'],
  preferredLanguage: ['en-GB', 'pt-PT', 'de-DE'],
};

/** A plausible other value for a field; undefined where there is none that would be valid. */
function otherValue(text: string, value: unknown, random: () => number): string | boolean | undefined {
  const path = parsePath(text);
  if (!path || (path.filter && path.sub === undefined)) return undefined;
  if (path.attribute === 'active') return value === false;
  if (typeof value === 'boolean') return !value;
  if (value !== undefined && typeof value !== 'string') return undefined;
  const name = path.sub === undefined || path.sub === 'value' ? path.attribute : path.sub;
  const candidates = examples[name]?.filter((candidate) => candidate !== value);
  if (candidates) return candidates[Math.floor(random() * candidates.length)];
  const digits = String(1000 + Math.floor(random() * 9000));
  if (name === 'phoneNumbers') return `${(value ?? '+1 555 000 0000').slice(0, -4)}${digits}`;
  if (name === 'emails' || name === 'userName')
    return (value ?? 'someone@example.com').replace(/(\.\d{4})?(@|$)/, `.${digits}$2`);
  return value === undefined ? 'Set by the agent' : `${value.replace(/ \(reviewed\)$/, '')} (reviewed)`;
}
