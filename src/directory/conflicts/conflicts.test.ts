import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory, DirectoryError, type Actor } from '../index.ts';

let folder: string;
let directory: Directory;
const agent = (id: string): Actor => ({
  id,
  name: id,
  kind: 'agent',
  door: 'mcp',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
});
const [ada, bob] = [agent('ada'), agent('bob')];
const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'jo', title: 'Engineer', nickName: 'Jo' };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-conflicts-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});
afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const refusalOf = (attempt: Promise<unknown>): Promise<DirectoryError> =>
  attempt.then(
    () => expect.unreachable('it was not refused'),
    (error: unknown) => {
      if (error instanceof DirectoryError) return error;
      throw error;
    },
  );

describe('the stale-body guard', () => {
  test('refuses a record that restores what its author last saw, though its version is right', async () => {
    const { resource } = await directory.create(bob, 'User', user);
    const { id } = resource;
    const { resource: old } = await directory.get(ada, 'User', id);
    await directory.patch(bob, 'User', id, [{ op: 'replace', path: 'title', value: 'Architect' }]);
    const { version } = await directory.get(ada, 'User', id);
    const refusal = await refusalOf(
      directory.replace(ada, 'User', id, { ...old, nickName: 'Joey' }, { expectedVersion: version }),
    );
    expect(refusal).toMatchObject({
      code: 'STALE_BODY',
      conflict: { undone: ['title'], overlapping: false, merged: { title: 'Architect', nickName: 'Joey' } },
    });
    const { resource: now } = await directory.get(bob, 'User', id);
    expect(now).toMatchObject({ title: 'Architect', nickName: 'Jo' });
  });

  test('lets an author take back its own change, and a person overwrite knowingly', async () => {
    const { resource } = await directory.create(ada, 'User', user);
    await directory.replace(ada, 'User', resource.id, { ...resource, title: 'Architect' });
    await directory.replace(ada, 'User', resource.id, resource);
    await directory.patch(bob, 'User', resource.id, [{ op: 'replace', path: 'title', value: 'Poet' }]);
    const person: Actor = { ...ada, kind: 'person', door: 'window' };
    await directory.get(person, 'User', resource.id);
    expect((await directory.replace(person, 'User', resource.id, resource)).resource['title']).toBe('Engineer');
  });

  test('guards the members of a group as well', async () => {
    const people = await Promise.all(['a', 'b'].map((userName) => directory.create(bob, 'User', { ...user, userName })));
    const [first = '', second = ''] = people.map(({ resource }) => resource.id);
    const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Crew', members: [{ value: first }] };
    const { resource } = await directory.create(bob, 'Group', group);
    await directory.get(ada, 'Group', resource.id);
    await directory.modifyMembers(bob, resource.id, { add: [second], remove: [] });
    await directory.get(ada, 'Group', resource.id);
    const stale = await refusalOf(directory.replace(ada, 'Group', resource.id, { ...group, displayName: 'Team' }));
    expect(stale).toMatchObject({ code: 'STALE_BODY', conflict: { undone: [`members[value eq "${second}"]`] } });
    const { written } = await directory.resolveConflict(ada, stale.conflict?.recorded?.id ?? '', { strategy: 'merge' });
    expect(written).toMatchObject({ resource: { displayName: 'Team' }, members: { count: 2 } });
  });
});

describe('resolving a conflict', () => {
  const collide = async (mine: object, theirs: object) => {
    const { resource, version } = await directory.create(bob, 'User', user);
    await directory.get(ada, 'User', resource.id);
    await directory.mergePatch(bob, 'User', resource.id, theirs);
    const refusal = await refusalOf(directory.mergePatch(ada, 'User', resource.id, mine, { expectedVersion: version }));
    return { id: resource.id, handle: refusal.conflict?.recorded ?? expect.unreachable('it was not kept') };
  };

  test('merges what does not overlap, in one call', async () => {
    const { id, handle } = await collide({ nickName: 'Joey' }, { title: 'Architect' });
    expect(handle.strategies[0]).toBe('merge');
    const { written, conflict } = await directory.resolveConflict(ada, handle.id, { strategy: 'merge' });
    expect(written?.resource).toMatchObject({ nickName: 'Joey', title: 'Architect' });
    expect(conflict).toMatchObject({ state: 'resolved', strategy: 'merge', outcomeVersion: written?.version });
    expect((await directory.history.list(ada, 'User', id, { limit: 1 })).revisions[0]?.author.id).toBe('ada');
    const again = await refusalOf(directory.resolveConflict(ada, handle.id, { strategy: 'merge' }));
    expect(again.issues[0]?.path).toBe('conflict_id');
  });

  test('asks for a choice where both changed the same, and takes mine, theirs, or a value', async () => {
    for (const [choice, title] of [
      ['mine', 'Poet'],
      ['theirs', 'Architect'],
      [{ value: 'Both' }, 'Both'],
    ] as const) {
      const { handle } = await collide({ title: 'Poet', nickName: 'Joey' }, { title: 'Architect' });
      const undecided = await refusalOf(directory.resolveConflict(ada, handle.id, { strategy: 'merge' }));
      expect(undecided).toMatchObject({ code: 'VERSION_MISMATCH', conflict: { collisions: [{ path: 'title' }] } });
      const { written } = await directory.resolveConflict(ada, handle.id, { strategy: 'merge', choices: { title: choice } });
      expect(written?.resource).toMatchObject({ title, nickName: 'Joey' });
      await directory.delete(bob, 'User', written?.resource.id ?? '');
    }
  });

  test('takes a choice only between values that its author was told', async () => {
    const { id, handle } = await collide({ title: 'Poet' }, { title: 'Architect' });
    await directory.mergePatch(bob, 'User', id, { title: 'Painter' });
    const choices = { title: 'mine' } as const;
    const unseen = await refusalOf(directory.resolveConflict(ada, handle.id, { strategy: 'merge', choices }));
    expect(unseen).toMatchObject({ code: 'VERSION_MISMATCH', conflict: { collisions: [{ path: 'title', theirs: 'Painter' }] } });
    const { written } = await directory.resolveConflict(ada, handle.id, { strategy: 'merge', choices });
    expect(written?.resource['title']).toBe('Poet');
  });

  test('applies only the free fields, or nothing', async () => {
    const { handle } = await collide({ title: 'Poet', nickName: 'Joey' }, { title: 'Architect' });
    const { written, left } = await directory.resolveConflict(ada, handle.id, { strategy: 'alternative' });
    expect(written?.resource).toMatchObject({ title: 'Architect', nickName: 'Joey' });
    expect(left).toMatchObject([{ path: 'title', mine: 'Poet', theirs: 'Architect' }]);
  });

  test('is for the agent whose conflict it is, and refuses choices about nothing', async () => {
    const { handle } = await collide({ nickName: 'Joey' }, { title: 'Architect' });
    expect(await refusalOf(directory.resolveConflict(bob, handle.id, { strategy: 'abandon' }))).toMatchObject({
      code: 'NOT_FOUND',
    });
    const wrong = await refusalOf(directory.resolveConflict(ada, handle.id, { strategy: 'merge', choices: { title: 'mine' } }));
    expect(wrong.issues[0]?.path).toBe('choices.title');
    const { conflict } = await directory.resolveConflict(ada, handle.id, { strategy: 'abandon' });
    expect(conflict.state).toBe('abandoned');
  });

  test('counts refusals of one writer as attempts of one conflict, which its next write settles', async () => {
    const { id, handle } = await collide({ title: 'Poet' }, { title: 'Architect' });
    const again = await refusalOf(directory.mergePatch(ada, 'User', id, { title: 'Poet' }, { expectedVersion: 'AAAAAAAAAAA=' }));
    expect(again.conflict?.recorded).toMatchObject({ id: handle.id, attempts: 2 });
    const { version } = await directory.get(ada, 'User', id);
    await directory.mergePatch(ada, 'User', id, { title: 'Poet' }, { expectedVersion: version });
    const [conflict] = await directory.conflicts.list(ada, { limit: 1 });
    expect(conflict).toMatchObject({ id: handle.id, state: 'resolved', strategy: 'immediate_retry', attempts: 2 });
  });

  test('survives a restart', async () => {
    const { handle } = await collide({ nickName: 'Joey' }, { title: 'Architect' });
    await directory.close();
    directory = await Directory.open(join(folder, 'directory.db'));
    const { written } = await directory.resolveConflict(ada, handle.id, { strategy: 'immediate_retry' });
    expect(written?.resource).toMatchObject({ nickName: 'Joey', title: 'Architect' });
  });

  test('keeps no password', async () => {
    const { resource, version } = await directory.create(bob, 'User', user);
    await directory.mergePatch(bob, 'User', resource.id, { title: 'Architect' });
    const refusal = await refusalOf(
      directory.mergePatch(ada, 'User', resource.id, { password: 'correct horse battery' }, { expectedVersion: version }),
    );
    expect(refusal.conflict?.recorded?.strategies).toEqual(['abandon']);
    expect(await directory.conflicts.get(ada, refusal.conflict?.recorded?.id ?? '')).not.toHaveProperty('operation');
  });
});

const administrator: Actor = { ...ada, id: 'administrator', kind: 'person', door: 'window', scopes: ['scim:admin'] };

describe('what only partly overlaps', () => {
  const part = async () => {
    const { resource, version } = await directory.create(bob, 'User', user);
    await directory.mergePatch(bob, 'User', resource.id, { title: 'Architect' });
    const refusal = await refusalOf(
      directory.mergePatch(ada, 'User', resource.id, { title: 'Poet', nickName: 'Joey' }, { expectedVersion: version }),
    );
    return { id: resource.id, conflict: refusal.conflict?.recorded?.id ?? '' };
  };
  const now = async (id: string) => (await directory.get(bob, 'User', id)).resource;

  test('is written as far as it is free, and people are asked about the rest in the same call', async () => {
    const { id, conflict } = await part();
    const settled = await directory.resolveConflict(ada, conflict, {
      strategy: 'alternative',
      proposeRest: true,
      approval: { intent: 'She writes now.' },
    });
    expect(await now(id)).toMatchObject({ title: 'Architect', nickName: 'Joey' });
    expect(settled).toMatchObject({
      conflict: { state: 'waiting', strategy: 'alternative' },
      left: [{ path: 'title' }],
      proposed: {
        kind: 'conflict',
        state: 'pending',
        intent: 'She writes now.',
        proposed: [{ changes: [{ path: 'title', after: 'Poet' }], changeCount: 1, collisions: [{ path: 'title' }] }],
      },
    });
    const { id: escalation } = settled.proposed as { id: string };
    await directory.escalations.decide(administrator, escalation, { approve: true });
    expect(await now(id)).toMatchObject({ title: 'Poet', nickName: 'Joey' });
    expect(await directory.conflicts.get(ada, conflict)).toMatchObject({ state: 'resolved', strategy: 'ask_human' });
  });

  test('stays written where people decline the rest', async () => {
    const { id, conflict } = await part();
    const { proposed } = await directory.resolveConflict(ada, conflict, { strategy: 'alternative', proposeRest: true });
    await directory.escalations.decide(administrator, (proposed as { id: string }).id, { approve: false });
    expect(await now(id)).toMatchObject({ title: 'Architect', nickName: 'Joey' });
    expect(await directory.conflicts.get(ada, conflict)).toMatchObject({ state: 'resolved', strategy: 'alternative' });
  });

  test('the rest belongs to the strategy alternative', async () => {
    const { conflict } = await part();
    const wrong = directory.resolveConflict(ada, conflict, { strategy: 'merge', proposeRest: true });
    expect(await refusalOf(wrong)).toMatchObject({ code: 'INVALID_ARGUMENT', issues: [{ path: 'propose_rest' }] });
  });

  test.each([
    [{ strategy: 'merge', choices: { title: 'theirs' } }, { title: 'Architect', nickName: 'Joey' }, { stands: 'theirs' }],
    [{ strategy: 'merge', choices: { title: { value: 'Bard' } } }, { title: 'Bard', nickName: 'Joey' }, { mine: 'Bard' }],
    [{ strategy: 'alternative' }, { title: 'Architect', nickName: 'Joey' }, { stands: 'theirs' }],
  ] as const)(
    'where policy lets people decide about %j, they see and approve what the agent chose',
    async (resolution, is, shown) => {
      const { id, conflict } = await part();
      await rule({ approval: { attributes: ['nickName'] } });
      const refusal = await refusalOf(directory.resolveConflict(ada, conflict, resolution));
      expect(refusal.code).toBe('APPROVAL_NEEDED');
      const escalation = refusal.escalationId ?? '';
      const question = await directory.escalations.get(administrator, escalation);
      expect(question.proposed[0]?.collisions).toMatchObject([{ path: 'title', theirs: 'Architect', ...shown }]);
      expect(question.proposed[0]?.resource).toMatchObject(is);
      // The same again is the same question; with other choices it is another one.
      expect((await refusalOf(directory.resolveConflict(ada, conflict, resolution))).escalationId).toBe(escalation);
      const other = directory.resolveConflict(ada, conflict, { strategy: 'merge', choices: { title: 'mine' } });
      expect((await refusalOf(other)).escalationId).not.toBe(escalation);
      await directory.escalations.decide(administrator, escalation, { approve: true });
      expect(await now(id)).toMatchObject(is);
    },
  );

  test('a person chooses otherwise than the agent did', async () => {
    const { id, conflict } = await part();
    await rule({ approval: { attributes: ['nickName'] } });
    const choices = { title: { value: 'Bard' } };
    const { escalationId = '' } = await refusalOf(directory.resolveConflict(ada, conflict, { strategy: 'merge', choices }));
    const edited = { choices: { title: 'theirs' } } as const;
    await directory.escalations.decide(administrator, escalationId, { approve: true, edited });
    expect(await now(id)).toMatchObject({ title: 'Architect', nickName: 'Joey' });
  });
});

const rule = (allAgents: object) =>
  directory.policy.update(administrator, { allAgents }, directory.policy.get(administrator).version);

describe('where the policy of the tenant says what becomes of a conflict', () => {
  const apart = async () => {
    const { resource, version } = await directory.create(bob, 'User', user);
    await directory.get(ada, 'User', resource.id);
    await directory.mergePatch(bob, 'User', resource.id, { title: 'Architect' });
    return { resource, version };
  };

  test('a clean merge is written at once, and says what it was merged with', async () => {
    await rule({ onCleanMerge: 'apply' });
    const { resource, version } = await apart();
    const options = { expectedVersion: version };
    const written = await directory.mergePatch(ada, 'User', resource.id, { nickName: 'Joey' }, options);
    expect(written).toMatchObject({
      resource: { title: 'Architect', nickName: 'Joey' },
      merged: { changes: [{ path: 'title', author: { id: 'bob' } }] },
    });
    const overlapping = directory.mergePatch(ada, 'User', resource.id, { title: 'Poet' }, options);
    expect((await refusalOf(overlapping)).code).toBe('VERSION_MISMATCH');
  });

  test('a stale record is merged, or written with a warning', async () => {
    await rule({ staleBody: 'merge' });
    const { resource } = await apart();
    const stale = { ...resource, nickName: 'Joey' };
    const merged = await directory.replace(ada, 'User', resource.id, stale);
    expect(merged).toMatchObject({ resource: { title: 'Architect', nickName: 'Joey' }, merged: { undone: ['title'] } });
    await rule({ staleBody: 'warn' });
    const overwritten = await directory.replace(ada, 'User', resource.id, { ...stale, nickName: 'J' });
    expect(overwritten).toMatchObject({ resource: { title: 'Engineer', nickName: 'J' }, overwrote: ['title'] });
  });

  test('a person decides on an overlap, and the agent has its answer', async () => {
    await rule({ onOverlap: 'ask' });
    const { resource, version } = await apart();
    const asked = await refusalOf(
      directory.mergePatch(ada, 'User', resource.id, { title: 'Poet' }, { expectedVersion: version }),
    );
    expect(asked.code).toBe('APPROVAL_NEEDED');
    const [question] = (await directory.escalations.list(administrator, { limit: 1 })).escalations;
    expect(question).toMatchObject({ kind: 'conflict', proposed: [{ collisions: [{ path: 'title' }] }] });
    await directory.escalations.decide(administrator, question?.id ?? '', { approve: true });
    expect((await directory.get(bob, 'User', resource.id)).resource['title']).toBe('Poet');
    const [conflict] = await directory.conflicts.list(ada, { limit: 1 });
    expect(conflict).toMatchObject({ state: 'resolved', strategy: 'ask_human' });
  });
});
