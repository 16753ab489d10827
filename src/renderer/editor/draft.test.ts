import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Author, Resource } from '../../directory/pure.ts';
import { isChanged, openDraft, reduceDraft, type Draft, type DraftAction, type Seen } from './draft.ts';

const agent: Author = { id: 'a', name: 'Agent', kind: 'agent', door: 'mcp' };
const user = (over: Record<string, string> = {}): Resource => ({
  schemas: ['urn:x'],
  id: '1',
  userName: 'ada',
  title: 'Analyst',
  ...over,
});
const seen = (resource: Resource, revision: number): Seen => ({
  resource,
  version: `v${revision}`,
  revision,
  author: agent,
  at: '2026-01-01T00:00:00Z',
});
const play = (draft: Draft, ...actions: DraftAction[]) => actions.reduce(reduceDraft, draft);
const edit = (mine: Resource, path = 'title'): DraftAction => ({ type: 'edit', mine, path });
const start = openDraft(seen(user(), 1));

describe('a change by somebody else', () => {
  test('without a draft is taken over and noted', () => {
    const draft = play(start, { type: 'seen', seen: seen(user({ title: 'CTO' }), 2) });
    expect(draft).toMatchObject({ mine: { title: 'CTO' }, base: { version: 'v2' }, note: { kind: 'updated', paths: ['title'] } });
    expect(isChanged(draft)).toBe(false);
  });

  test('of other fields leaves the draft on the newer version', () => {
    const draft = play(start, edit(user({ title: 'CTO' })), { type: 'seen', seen: seen(user({ nickName: 'A' }), 2) });
    expect(draft).toMatchObject({
      mine: { title: 'CTO', nickName: 'A' },
      base: { version: 'v2' },
      note: { kind: 'rebased', paths: ['nickName'] },
    });
    expect(reduceDraft(draft, { type: 'undo' }).mine).toEqual(user({ nickName: 'A' }));
  });

  test('of the same field must be decided; each decision stands on their version', () => {
    const draft = play(start, edit(user({ title: 'CTO' })), {
      type: 'seen',
      seen: seen(user({ title: 'CEO', nickName: 'A' }), 2),
    });
    expect(draft).toMatchObject({
      base: { version: 'v1' },
      theirs: { version: 'v2' },
      collisions: [{ path: 'title', mine: 'CTO', theirs: 'CEO' }],
    });
    const mine = reduceDraft(draft, { type: 'resolve', choose: () => 'mine' });
    expect(mine).toMatchObject({ base: { version: 'v2' }, mine: { title: 'CTO', nickName: 'A' }, collisions: [] });
    expect(mine.theirs).toBeUndefined();
    const theirs = reduceDraft(draft, { type: 'resolve', choose: () => 'theirs' });
    expect(isChanged(theirs)).toBe(false);
    expect(theirs.mine['title']).toBe('CEO');
  });

  test('and another one while it is undecided counts too', () => {
    const draft = play(
      start,
      edit(user({ title: 'CTO' })),
      { type: 'seen', seen: seen(user({ title: 'CEO' }), 2) },
      { type: 'seen', seen: seen(user({ title: 'CFO' }), 3) },
    );
    expect(draft).toMatchObject({ theirs: { version: 'v3' }, collisions: [{ theirs: 'CFO' }] });
    expect(play(draft, { type: 'seen', seen: seen(user({ title: 'CEO' }), 2) })).toBe(draft);
  });

  test('ends the collision when the edit is taken back', () => {
    const draft = play(
      start,
      edit(user({ title: 'CTO' })),
      { type: 'seen', seen: seen(user({ title: 'CEO' }), 2) },
      edit(user({ title: 'CEO' })),
    );
    expect(draft.theirs).toBeUndefined();
    expect(isChanged(draft)).toBe(false);
  });

  test('a deletion is told and keeps the draft', () => {
    const draft = play(start, edit(user({ title: 'CTO' })), { type: 'deleted', author: agent, at: 'now', revision: 2 });
    expect(draft).toMatchObject({ deleted: { author: agent }, mine: { title: 'CTO' } });
  });
});

test('typing goes on while a save is under way', () => {
  const sent = user({ title: 'CT' });
  const draft = play(start, edit(sent), edit(user({ title: 'CT', nickName: 'A' }), 'nickName'), {
    type: 'saved',
    sent,
    seen: seen(sent, 2),
  });
  expect(draft).toMatchObject({ base: { version: 'v2' }, mine: { title: 'CT', nickName: 'A' } });
  expect(isChanged(draft)).toBe(true);
});

test('the stream may tell of a save before its answer comes', () => {
  const sent = user({ title: 'CTO' });
  const draft = play(start, edit(sent), { type: 'seen', seen: seen(sent, 2) }, { type: 'saved', sent, seen: seen(sent, 2) });
  expect(isChanged(draft)).toBe(false);
  expect(draft.theirs).toBeUndefined();
});

test('undo takes back a whole word typed, and redo brings it back', () => {
  const draft = play(
    start,
    edit(user({ title: 'C' })),
    edit(user({ title: 'CT' })),
    edit(user({ title: 'CT', nickName: 'A' }), 'nickName'),
  );
  const once = reduceDraft(draft, { type: 'undo' });
  expect(once.mine).toEqual(user({ title: 'CT' }));
  expect(reduceDraft(once, { type: 'undo' }).mine).toEqual(user());
  expect(reduceDraft(once, { type: 'redo' }).mine).toEqual(draft.mine);
});

test('whatever happens, what would be saved overwrites only what was seen', () => {
  const field = fc.constantFrom('title', 'nickName', 'locale');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('mine' as const), field, value: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constant('theirs' as const), field, value: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constant('decide' as const), field, value: fc.constantFrom('mine', 'theirs') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let draft = start;
      let server = seen(user(), 1);
      for (const { kind, field: name, value } of steps) {
        if (kind === 'mine') draft = reduceDraft(draft, edit({ ...draft.mine, [name]: value }, name));
        if (kind === 'decide') draft = reduceDraft(draft, { type: 'resolve', choose: () => value });
        if (kind === 'theirs') {
          server = seen({ ...server.resource, [name]: value }, server.revision + 1);
          draft = reduceDraft(draft, { type: 'seen', seen: server });
        }
        // Either the draft stands on the newest version, or it waits for a decision and cannot be saved.
        if (draft.base.version !== server.version) expect(draft.theirs?.version).toBe(server.version);
        else expect(draft.theirs).toBeUndefined();
      }
    }),
  );
});
