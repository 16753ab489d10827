import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Directory } from '../directory.ts';
import type { Actor, Operation } from '../resource.ts';
import { userUrn } from '../schema.ts';
import { prunableBefore, type RetentionSettings } from './retention.ts';

const day = 86_400_000;
const now = Date.parse('2026-06-01T12:00:00Z');

/** Revisions 1, 2, … that were made so many days ago, newest first. */
const made = (...daysAgo: number[]) =>
  daysAgo
    .map((days, index) => ({
      revision: index + 1,
      at: new Date(now - days * day).toISOString(),
      version: `v${index + 1}`,
      operation: 'patch' as Operation,
    }))
    .toReversed();

describe('what may go', () => {
  const cases: [
    name: string,
    outline: ReturnType<typeof made>,
    settings: RetentionSettings,
    held: string[],
    before: number | undefined,
  ][] = [
    ['nothing without limits', made(900, 800, 700), {}, [], undefined],
    ['what was replaced before the days that are kept', made(90, 80, 20, 3), { days: 30 }, [], 2],
    ['never the one version that there is', made(900), { days: 1, versions: 1 }, [], undefined],
    ['never the newest, however old', made(900, 800), { days: 1 }, [], 2],
    ['what is beyond the number of versions', made(9, 8, 7, 6), { versions: 3 }, [], 2],
    ['the stricter of both limits decides', made(90, 80, 20, 3), { days: 30, versions: 2 }, [], 3],
    ['nothing of the last day', made(5, 0.9, 0.5, 0.1), { versions: 1 }, [], 2],
    ['nothing that a draft is based on, nor what came after it', made(90, 80, 70, 60), { versions: 1 }, ['v2'], 2],
    ['a draft on the oldest keeps all', made(90, 80), { versions: 1 }, ['v1'], undefined],
  ];
  test.each(cases)('%s', (_name, outline, settings, held, before) => {
    expect(prunableBefore(outline, settings, { now, held })).toBe(before);
  });

  test('all of what was deleted, when it is old enough; by number, its end stays', () => {
    const [newest, ...rest] = made(90, 80, 40);
    const deleted = newest ? [{ ...newest, operation: 'delete' as const }, ...rest] : [];
    expect(prunableBefore(deleted, { days: 30 }, { now, held: [] })).toBe(4);
    expect(prunableBefore(deleted, { days: 60 }, { now, held: [] })).toBe(2);
    expect(prunableBefore(deleted, { versions: 1 }, { now, held: [] })).toBe(3);
  });
});

test('the history of a tenant gets shorter; all else stays, and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-retention-'));
  const directory = await Directory.open(join(folder, 'directory.db'));
  try {
    const actor: Actor = { id: 'k', name: 'K', kind: 'person', door: 'window', tenant: 'default', scopes: ['scim:admin'] };
    const created = await directory.create(actor, 'User', { schemas: [userUrn], userName: 'ada', title: '0' });
    const { id } = created.resource;
    for (let index = 1; index < 10; index++) await directory.mergePatch(actor, 'User', id, { title: String(index) });
    const gone = (await directory.create(actor, 'User', { schemas: [userUrn], userName: 'bob' })).resource.id;
    await directory.delete(actor, 'User', gone);
    const moment = new Date().toISOString();
    const later = Date.now() + 3 * day;
    expect(await directory.history.retention.run(later)).toBe(0);
    await directory.tenants.update('default', { settings: { history: { versions: 4 } } });
    expect(await directory.history.retention.run(Date.now())).toBe(0);
    const fifth = (await directory.history.list(actor, 'User', id, { limit: 10 })).revisions[5];
    directory.history.retention.holds = (key) => (key.id === id ? [fifth?.version ?? ''] : []);
    expect(await directory.history.retention.run(later)).toBe(4);
    directory.history.retention.holds = () => [];
    expect(await directory.history.retention.run(later)).toBe(2);
    expect(await directory.history.list(actor, 'User', id, { limit: 10 })).toMatchObject({
      pruned: true,
      revisions: { length: 4 },
    });
    expect((await directory.get(actor, 'User', id)).resource['title']).toBe('9');

    const stale = directory.mergePatch(actor, 'User', id, { title: 'x' }, { expectedVersion: created.version });
    await expect(stale).rejects.toMatchObject({ code: 'VERSION_MISMATCH', conflict: { overlapping: true, changes: [] } });
    await expect(directory.history.revert(actor, 'User', id, { to: { version: created.version } })).rejects.toThrow(
      /oldest versions are no longer kept/,
    );
    expect(await (await directory.history.asOf(actor, '2020-01-01T00:00:00Z')).users({ offset: 0, limit: 5 })).toMatchObject({
      unknown: 1,
    });

    await directory.tenants.update('default', { settings: { history: { days: 1 } } });
    expect(await directory.history.retention.run(later)).toBe(5);
    await expect(directory.history.list(actor, 'User', gone, { limit: 5 })).rejects.toThrow(/No user has the id/);
    expect((await (await directory.history.asOf(actor, moment)).users({ offset: 0, limit: 5 })).rows).toHaveLength(1);
  } finally {
    await directory.close();
    rmSync(folder, { recursive: true });
  }
});
