import { expect } from 'vitest';
import { userUrn } from '../../src/directory/index.ts';
import type { Stage } from './stage.ts';

/** A tool's answer, as Tandem gives it in `structuredContent`. */
export interface Answer {
  success: boolean;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are held against expectations, not types
  content: any;
}

export interface ToolClient {
  tools(): Promise<string[]>;
  call(tool: string, args: Record<string, unknown>): Promise<Answer>;
}

/** A client of either SDK. */
interface SdkClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<object>;
}

export function overSdk(client: SdkClient): ToolClient {
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) =>
      ((await client.callTool({ name, arguments: args })) as { structuredContent: Answer }).structuredContent,
  };
}

/** An operation of a SCIM patch for each attribute. */
export function replace(values: Record<string, unknown>) {
  return Object.entries(values).map(([path, value]) => ({ op: 'replace', path, value }));
}

/** What a person at the window does while a client holds the record. */
export async function editAsPerson(stage: Stage, id: string, values: Record<string, unknown>): Promise<void> {
  await stage.directory.patch(stage.administrator, 'User', id, replace(values));
}

/**
 * The whole work of a client: creates a person, replaces the record on the version that it has seen, is overtaken by somebody in
 * the window, is refused, settles the conflict, and reads what stands.
 */
export async function workThroughConflict(stage: Stage, client: ToolClient): Promise<string> {
  expect(await client.tools()).toEqual(
    expect.arrayContaining(['scim_create_user', 'scim_update_user', 'scim_patch_user', 'scim_resolve_conflict', 'scim_get_user']),
  );
  const record = { schemas: [userUrn], userName: 'ada', title: 'Engineer' };
  const created = await client.call('scim_create_user', { user_data: record });
  expect(created).toMatchObject({ success: true, content: { userName: 'ada' } });
  const user_id = String(created.content.id);
  const replaced = await client.call('scim_update_user', {
    user_id,
    user_data: { ...record, nickName: 'Countess' },
    expected_version: created.content['_version'],
  });
  expect(replaced).toMatchObject({ success: true, content: { nickName: 'Countess' } });

  await editAsPerson(stage, user_id, { title: 'Staff engineer', displayName: 'Ada Lovelace' });
  const refused = await client.call('scim_patch_user', {
    user_id,
    operations: replace({ title: 'Principal engineer', locale: 'en-GB' }),
    expected_version: replaced.content['_version'],
  });
  expect(refused).toMatchObject({
    success: false,
    content: { error_code: 'VERSION_MISMATCH', conflict: { overlapping: ['title'] } },
  });
  const settled = await client.call('scim_resolve_conflict', {
    conflict_id: refused.content.conflict.conflict_id,
    strategy: 'merge',
    choices: { title: 'theirs' },
  });
  expect(settled).toMatchObject({ success: true });
  const read = await client.call('scim_get_user', { user_id });
  expect(read).toMatchObject({ success: true, content: { ...both, nickName: 'Countess' } });
  return user_id;
}

/** What the person and the client wrote at the same time, where the person's title stands. */
const both = { userName: 'ada', title: 'Staff engineer', displayName: 'Ada Lovelace', locale: 'en-GB' };

/**
 * Holds against the directory itself what a client was told: both changes are there, the history tells who made which, the conflict
 * is settled, and the log says who was let in.
 * @param client its name, as people see it.
 * @param options.own how many of the revisions are its own.
 * @param options.signedIn whether it signed in; with an access key nobody is asked.
 */
export async function expectBothKept(stage: Stage, id: string, client: string, { own = 3, signedIn = true } = {}): Promise<void> {
  const { directory, administrator: actor } = stage;
  expect((await directory.get(actor, 'User', id)).resource).toMatchObject(both);
  const { revisions } = await directory.history.list(actor, 'User', id, { limit: 10 });
  const authors = revisions.map(({ author }) => author.name);
  expect(authors.filter((name) => name === client)).toHaveLength(own);
  expect(authors).toContain(actor.name);
  expect(authors[0]).toBe(client);
  expect(await directory.conflicts.list(actor, { limit: 9 })).toMatchObject([{ resourceId: id, state: 'resolved' }]);
  const { entries } = await directory.audit.list(actor, { count: 100 });
  const told = entries.map(({ kind, event, actor, subject }) => `${kind} ${event} ${subject?.name ?? ''} by ${actor.name}`);
  expect(told).toContainEqual(expect.stringMatching(`^conflict .* by ${client}$`));
  if (signedIn) expect(told).toContainEqual(expect.stringMatching(`^access client_allowed ${client} by ${actor.name}$`));
  expect(stage.host.app.services.clients.list().find(({ name }) => name === client)).toMatchObject({
    conflicts: 1,
    tenants: ['default'],
  });
}
