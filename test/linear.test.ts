import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Directory, type Revision } from '../src/directory/index.ts';
import { askHost } from '../src/main/control.ts';
import { openWindow, startTestHost, windowClient } from './host.ts';
import { openSound, reader, serve } from './killed-host.ts';
import { check } from './linear/check.ts';
import { Actor, type Pool } from './linear/clients.ts';
import { mcpDoor, restDoor, windowDoor, type Door } from './linear/doors.ts';
import { Log } from './linear/log.ts';
import { Random } from './linear/random.ts';
import { Violation, type Replayed } from './linear/replay.ts';
import { newUser } from './scim-host.ts';

/** TANDEM_SEED=… lets clients choose the same again; what they meet depends on the machine too. */
const seed = Number(process.env['TANDEM_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const workMs = 5000;
const stepsMax = 120;

interface Endpoints {
  mcp: string;
  scim: string;
}

/** Everybody who works on a handful of users and groups, and what they did. */
class Crew {
  readonly log = new Log();
  readonly #pool: Pool = { users: [], groups: [], names: ['anna', 'ben', 'cleo'], versions: new Map() };
  readonly #random = new Random(seed);
  #series = 0;

  /** Lets clients of each kind work through a host. @param stopped ends it, where the host is killed. */
  async work(
    { mcp, scim }: Endpoints,
    keyOf: (name: string) => Promise<string>,
    more: { name: string; door: Door }[] = [],
    stopped?: AbortSignal,
  ): Promise<void> {
    const doors: { name: string; door: Door; blind?: true }[] = [
      { name: 'mcp-2025', door: await mcpDoor(mcp, await keyOf('mcp-2025'), '2025') },
      { name: 'mcp-2026', door: await mcpDoor(mcp, await keyOf('mcp-2026'), '2026') },
      { name: 'blind-mcp', door: await mcpDoor(mcp, await keyOf('blind-mcp'), '2026'), blind: true },
      { name: 'rest', door: restDoor(scim, await keyOf('rest')) },
      { name: 'rest-too', door: restDoor(scim, await keyOf('rest-too')) },
      { name: 'blind-rest', door: restDoor(scim, await keyOf('blind-rest')), blind: true },
      ...more,
    ];
    const close = () => Promise.allSettled(doors.map(({ door }) => door.close()));
    // A client whose answer was cut off would wait for the rest of it.
    stopped?.addEventListener('abort', () => void close());
    this.#series += 1;
    const crew = doors.map(({ name, door, blind }) => {
      const random = new Random(this.#random.below(2 ** 31));
      return { actor: new Actor(name, { door, random, log: this.log, pool: this.#pool, series: this.#series }), blind };
    });
    const [first] = crew;
    if (this.#series === 1)
      for (const type of ['User', 'User', 'User', 'User', 'Group', 'Group'] as const) await first?.actor.create(type);
    const end = performance.now() + workMs;
    const working = crew.map(async ({ actor, blind }) => {
      for (let step = 0; step < stepsMax && performance.now() < end; step++) {
        if (stopped?.aborted) return;
        await (blind ? actor.actBlindly() : actor.act());
      }
    });
    const ended = await Promise.allSettled(working);
    if (!stopped?.aborted)
      for (const result of ended) if (result.status === 'rejected') throw new Error('a client failed', { cause: result.reason });
    await close();
  }

  /** @throws Violation with the seed. */
  check(revisions: readonly Revision[]): Replayed {
    try {
      return check(this.log, revisions);
    } catch (error) {
      throw error instanceof Violation ? new Violation(`With TANDEM_SEED=${seed}: ${error.message}`, { cause: error }) : error;
    }
  }
}

/** All revisions of the tenant `default`, oldest first, but those of the agents that the clients' own keys are. */
async function historyOf(directory: Directory): Promise<Revision[]> {
  const revisions: Revision[] = [];
  for (let from = 0; ;) {
    const page = await directory.changesSince(from, 500);
    const last = page.at(-1);
    if (!last) return revisions.filter(({ tenant, type }) => tenant === 'default' && type !== 'Agent');
    revisions.push(...page);
    from = last.revision;
  }
}

test(
  'what clients do at the same time through all doors is one sequence, and nobody loses an update',
  { timeout: 90_000 },
  async () => {
    const host = await startTestHost();
    try {
      const crew = new Crew();
      const window = windowClient(host.origin, await openWindow(host.app.openAddress()));
      const person = { name: 'Administrator', door: windowDoor(window) };
      await crew.work(host.app.endpoints, (name) => host.accessKey({ name }), [person]);

      const { directory } = host.app.services;
      const revisions = await historyOf(directory);
      const { moments } = crew.check(revisions);
      expect(revisions.length).toBeGreaterThan(20);

      // What the directory has at the end, and what it tells of each resource, is what the replay ended with.
      const end = moments.at(-1)?.state;
      for (const type of ['User', 'Group'] as const) {
        const { rows } = await directory.list(reader, type, { count: 200 });
        for (const { resource, version } of rows) expect(version).toBe(end?.get(resource.id)?.version);
      }
      for (const [id, own] of Map.groupBy(revisions, (revision) => revision.id)) {
        const { type } = own[0] ?? { type: 'User' };
        const { entries } = await window.history.list.query({ tenant: 'default', type, id, limit: 200 });
        expect(entries.map(({ revision }) => revision)).toEqual(
          own
            .map(({ revision }) => revision)
            .toReversed()
            .slice(0, 200),
        );
      }

      checkCanFail(crew, revisions);
    } finally {
      await host.close();
    }
  },
);

/** Each of these lies about what happened, and must be found. */
function checkCanFail({ log }: Crew, revisions: readonly Revision[]): void {
  const finds = (lie: readonly Revision[]) => expect(() => check(log, lie)).toThrow(Violation);
  finds(revisions.slice(0, -1));
  finds([...revisions.slice(0, 4), ...revisions.slice(5)]);
  finds(revisions.map((revision, index) => (index === 2 ? { ...revision, at: new Date(0).toISOString() } : revision)));
  const last = revisions.at(-1);
  if (last) finds([...revisions, { ...last, revision: last.revision + 1 }]);
  const write = log.calls.flatMap(({ writes }) => writes).find(({ outcome }) => outcome.kind === 'refused');
  if (!write) throw new Error('nothing was refused');
  const { outcome } = write;
  write.outcome = { kind: 'done', changed: true };
  finds(revisions);
  write.outcome = outcome;
  const read = log.calls.findLast(({ seen }) => seen?.kind === 'one' && seen.version !== undefined);
  if (read?.seen?.kind !== 'one') throw new Error('nothing was read');
  const { seen } = read;
  read.seen = { ...seen, version: revisions.find(({ id }) => id === seen.id)?.version ?? '', fields: { title: 'never' } };
  finds(revisions);
  read.seen = seen;
  check(log, revisions);
}

test(
  'kill -9 in the middle of that: nothing acknowledged is lost, and what waited waits still',
  { timeout: 120_000 },
  async () => {
    const data = mkdtempSync(join(tmpdir(), 'tandem-killed-'));
    try {
      const fresh = await Directory.open(join(data, 'directory.db'));
      await fresh.tenants.add({ id: 'other', name: 'Other' });
      await fresh.close();
      const crew = new Crew();
      const keys = new Map<string, string>();
      const keyOf = async (name: string, tenant = 'default') => {
        const scopes = ['scim:read' as const, 'scim:write' as const];
        const key = keys.get(name) ?? (await askHost(data, 'access-key', { tenant, scopes, name })).key;
        keys.set(name, key);
        return key;
      };
      const waiting = { conflict_id: '', escalation_id: '', user_id: '' };
      for (let round = 0; round < 2; round++) {
        const host = await serve(data);
        const ada = await mcpDoor(host.mcp, await keyOf('Ada', 'other'), '2026');
        if (round === 0) {
          const { content } = await ada.tool('scim_create_user', { user_data: newUser({ title: 'Engineer' }) });
          waiting.user_id = String(content['id']);
          const { user_id } = waiting;
          const patch = (path: string, value: string, expected_version?: unknown) =>
            ada.tool('scim_patch_user', { user_id, operations: [{ op: 'replace', path, value }], expected_version });
          const bob = restDoor(host.scim, await keyOf('Bob', 'other'));
          await bob.patch?.('User', user_id, [{ op: 'replace', path: 'title', value: 'Architect' }]);
          waiting.conflict_id = String((await patch('title', 'Poet', content['_version'])).content.conflict?.['conflict_id']);
          const asked = await ada.tool('scim_propose_change', {
            resource_type: 'User',
            resource_id: user_id,
            operations: [{ op: 'replace', path: 'nickName', value: 'Jo' }],
          });
          waiting.escalation_id = String(asked.content['escalation_id']);
          // A refusal acknowledges nothing; this, which is committed after it, is acknowledged.
          await bob.create('User', newUser());
        }
        const stopped = new AbortController();
        const working = crew.work(host, keyOf, [], stopped.signal);
        const begun = crew.log.calls.length;
        while (crew.log.calls.length < begun + 60) await sleep(2);
        await sleep(Math.random() * 300);
        const dead = host.kill();
        stopped.abort();
        await dead;
        crew.log.killed();
        await working;
        await ada.close().catch(() => {});
      }

      const directory = await openSound(data);
      const revisions = await historyOf(directory);
      crew.check(revisions);
      for (const tenant of ['default', 'other'])
        expect(await directory.audit.verify({ ...reader, tenant, scopes: ['scim:admin'] })).toMatchObject({ unbroken: true });
      await directory.close();

      const host = await serve(data);
      const ada = await mcpDoor(host.mcp, await keyOf('Ada', 'other'), '2025');
      const { escalation_id, conflict_id } = waiting;
      expect((await ada.tool('scim_get_escalation', { escalation_id })).content).toMatchObject({ status: 'pending' });
      const settled = await ada.tool('scim_resolve_conflict', { conflict_id, strategy: 'merge', choices: { title: 'mine' } });
      expect(settled).toMatchObject({ success: true, content: { title: 'Poet' } });
      await ada.close();
      await host.kill();
    } finally {
      rmSync(data, { recursive: true });
    }
  },
);
