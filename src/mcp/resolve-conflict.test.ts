import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, connectors, startDoor } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], title: 'Engineer', nickName: 'Jo' };

for (const [name, connectTo] of connectors)
  test(`a conflict is explained and settled in one call, and a stale record is refused (${name})`, async () => {
    const ada = await connectTo(door.url, 'default:scim:read+scim:write#ada');
    const bob = await connectTo(door.url, 'default:scim:read+scim:write#bob');
    const created = await call(bob, 'scim_create_user', { user_data: { ...user, userName: `jo with ${name}` } });
    const { id: user_id, _version: expected_version } = created.content;
    const { content: seen } = await call(ada, 'scim_get_user', { user_id });
    await call(bob, 'scim_patch_user', { user_id, operations: [{ op: 'replace', path: 'title', value: 'Architect' }] });

    const operations = [{ op: 'replace', path: 'title', value: 'Poet' }];
    const refused = await call(ada, 'scim_patch_user', { user_id, operations, expected_version });
    expect(refused.content).toMatchObject({
      error_code: 'VERSION_MISMATCH',
      conflict: {
        overlapping: ['title'],
        attempts: 1,
        retry_after_ms: 0,
        strategies: ['merge', 'ask_human', 'alternative', 'abandon'],
      },
    });
    expect(refused.content.error).toContain('scim_resolve_conflict');
    const { conflict_id } = refused.content['conflict'] as { conflict_id: string };
    const undecided = await call(ada, 'scim_resolve_conflict', { conflict_id, strategy: 'merge' });
    expect(undecided.content).toMatchObject({
      error_code: 'VERSION_MISMATCH',
      conflict: { collisions: [{ path: 'title', mine: 'Poet' }] },
    });
    const notHers = await call(bob, 'scim_resolve_conflict', { conflict_id, strategy: 'abandon' });
    expect(notHers.content.error_code).toBe('NOT_FOUND');
    const settled = await call(ada, 'scim_resolve_conflict', { conflict_id, strategy: 'merge', choices: { title: 'mine' } });
    expect(settled).toMatchObject({ success: true, content: { title: 'Poet' }, metadata: { strategy: 'merge', conflict_id } });

    await call(bob, 'scim_patch_user', { user_id, operations: [{ op: 'replace', path: 'title', value: 'Architect' }] });
    const { content: now } = await call(ada, 'scim_get_user', { user_id });
    const stale = await call(ada, 'scim_update_user', {
      user_id,
      user_data: { ...seen, nickName: 'Joey' },
      expected_version: now['_version'],
    });
    expect(stale.content).toMatchObject({
      error_code: 'STALE_BODY',
      conflict: { would_undo: ['title'], overlapping: [], merged: { title: 'Architect', nickName: 'Joey' } },
    });

    await call(bob, 'scim_patch_user', { user_id, operations: [{ op: 'replace', path: 'title', value: 'Sculptor' }] });
    const partly = await call(ada, 'scim_patch_user', {
      user_id,
      operations: [
        { op: 'replace', path: 'title', value: 'Bard' },
        { op: 'replace', path: 'nickName', value: 'J' },
      ],
      expected_version: now['_version'],
    });
    const { conflict_id: overlapping } = partly.content['conflict'] as { conflict_id: string };
    const free = await call(ada, 'scim_resolve_conflict', {
      conflict_id: overlapping,
      strategy: 'alternative',
      propose_rest: true,
      reason: 'She writes now.',
    });
    expect(free).toMatchObject({
      content: { title: 'Sculptor', nickName: 'J' },
      metadata: {
        left_as_others_have_it: [{ path: 'title' }],
        proposed: { escalation_id: expect.any(String) as string, status: 'pending' },
      },
    });
    const { escalation_id } = free.metadata['proposed'] as { escalation_id: string };
    expect((await call(ada, 'scim_get_escalation', { escalation_id })).content).toMatchObject({
      status: 'pending',
      kind: 'conflict',
      intent: 'She writes now.',
      changes: [{ changes: [{ path: 'title' }], overlapping: ['title'] }],
    });
    await Promise.all([ada.close(), bob.close()]);
  });
