import { setImmediate as turn } from 'node:timers/promises';
import type { RecordedConflict } from '../conflicts/recorded-conflict.ts';
import { fromCursor, toCursor } from '../cursor.ts';
import { DirectoryError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Actor, Author, FieldChange, ResourceType } from '../resource.ts';
import type { Store } from '../store.ts';
import type { Tenants } from '../tenants.ts';
import type { AuditVerdict } from './audit-check.ts';
import type { AuditEntry, AuditKind, AuditNote, AuditTold } from './entry.ts';
import { exportText, type AuditFormat } from './export-text.ts';
import { Folding } from './folding.ts';
import { toEntry } from './hashing.ts';

/** Which entries are wanted. All conditions hold together. */
export interface AuditQuery {
  kind?: AuditKind | undefined;
  /** Who did it: an id, or a part of a name; letter case does not matter. */
  actor?: string | undefined;
  /** What it is about: an id, or a part of a name. */
  subject?: string | undefined;
  /** RFC 3339: not before, and before. */
  since?: string | undefined;
  until?: string | undefined;
  /** Text that the entry has in its names or in what it tells. */
  text?: string | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  count: number;
}

export interface AuditPage {
  /** Newest first. */
  entries: AuditEntry[];
  /** Where the next page begins; absent at the end. A page can be short, or empty, before the end: looking has a bound too. */
  nextCursor?: string;
  /** The time up to which entries were looked at, back from now; absent at the end. */
  searchedTo?: string;
  /** The number of the newest entry of all, by which one sees later that there are more. */
  latest: number;
}

/** An entry with what is known about it beside the log. */
export interface AuditDetails {
  entry: AuditEntry;
  /** Of a write, while its version is kept in the history. */
  changes?: FieldChange[];
}

/** How far a check is: entries and resources of those that there are. */
export interface AuditProgress {
  checked: number;
  total: number;
}

const foldedKinds = new Set<AuditKind>(['refusal', 'conflict', 'sign_in']);
/** Entries that one step looks at, and one page. */
const stepSize = 1000;
const searchedMax = 50_000;
const exportedAtOnce = 250;
const tellEveryMs = 100;
/** Notes that wait for the disk; of what can be folded, more are counted. */
const waitingMax = 1000;

/** What happened in each tenant, in a chain of which nothing can be taken or changed unseen. */
export class Audit {
  readonly #store: Store;
  readonly #tenants: Tenants;
  readonly #folding: Folding;
  #waiting = 0;
  /** Notes are written in their order: after the last, all are. */
  #written: Promise<void> = Promise.resolve();

  constructor({ store, tenants, clock }: { store: Store; tenants: Tenants; clock: () => Date }) {
    this.#store = store;
    this.#tenants = tenants;
    tenants.onRefused = (actor, event, message) => void this.record(actor, { kind: 'refusal', event, detail: { message } });
    this.#folding = new Folding(
      (told) => void this.#write(told),
      () => clock().getTime(),
    );
  }

  /**
   * Adds an entry of what is no write to a tenant's log. It joins the next commit; whoever must know that it is on disk awaits it.
   * Refusals, conflicts and sign-ins that come in a flood are counted instead.
   * @param by who did it, and in which tenant. @throws DirectoryError UNAVAILABLE.
   */
  record(by: Author & { tenant: string }, note: AuditNote): Promise<void> {
    const { tenant, ...author } = by;
    const told: AuditTold = { tenant, by: author, note };
    const isFolded = foldedKinds.has(note.kind);
    if (isFolded && (!this.#folding.admits(told) || this.#waiting >= waitingMax)) return Promise.resolve();
    return this.#write(told);
  }

  /** Adds an entry of a write that was refused, if it is one that others should know of. */
  refused(actor: Actor, error: DirectoryError): void {
    const { code, message, rule, conflict, attempted } = error;
    const subject = attempted && { type: attempted.type, id: attempted.id };
    if (code === 'VERSION_MISMATCH' || code === 'STALE_BODY') {
      if (!conflict) return;
      const fields = [...new Set((conflict.undone ?? conflict.changes.map(({ path }) => path)).slice(0, 50))];
      const detail = {
        fields,
        overlapping: conflict.overlapping,
        current: conflict.currentVersion,
        conflict: conflict.recorded?.id,
      };
      void this.record(actor, { kind: 'conflict', event: code, subject, version: conflict.expectedVersion, detail });
    } else if (code === 'POLICY_REFUSED' || code === 'RETRY_BUDGET_EXHAUSTED')
      void this.record(actor, { kind: 'refusal', event: code, subject, detail: { message, rule: rule?.id } });
  }

  /** Adds an entry of what became of a conflict, where no other one tells it: a write that simply came again, or a person's answer. */
  settled({ id, tenant, author, type, resourceId, state, strategy, outcomeVersion: version }: RecordedConflict): void {
    if (state === 'open' || state === 'waiting' || strategy === 'immediate_retry' || strategy === 'ask_human') return;
    const event = strategy === 'merge' ? 'merged' : strategy === 'alternative' ? 'only_free_fields' : 'abandoned';
    const subject = { type, id: resourceId };
    void this.record({ ...author, tenant }, { kind: 'decision', event, subject, version, detail: { conflict: id } });
  }

  /** @throws DirectoryError FORBIDDEN; else what was told until now can be read. */
  async #before(actor: Actor): Promise<void> {
    this.#tenants.allow(actor, 'scim:admin');
    await this.#written;
  }

  #write({ tenant, by, note }: AuditTold): Promise<void> {
    this.#waiting++;
    const done = this.#store
      .write((transaction) => {
        // What is told of a tenant that is deleted meanwhile would stand in the next one of that name.
        if (this.#tenants.exists(tenant)) transaction.record(tenant, by, note);
      })
      .finally(() => this.#waiting--);
    // Who does not wait for it must not fall over it.
    this.#written = done.catch(() => {});
    return done;
  }

  /** One page of the log of the actor's tenant, newest first. @throws DirectoryError INVALID_ARGUMENT, INVALID_CURSOR. */
  async list(actor: Actor, query: AuditQuery): Promise<AuditPage> {
    await this.#before(actor);
    const { tenant } = actor;
    const { kind, cursor, since, until, actor: who, subject, text } = query;
    const { audit } = this.#store;
    const count = Math.min(Math.max(1, Math.trunc(query.count)), limits.pageMax);
    const about = ['audit', tenant, kind ?? '', who ?? '', subject ?? '', text ?? '', since ?? '', until ?? ''];
    const first = since === undefined ? 1 : audit.placeAt(tenant, moment('since', since));
    const latest = audit.last(tenant);
    const end = until === undefined ? latest + 1 : audit.placeAt(tenant, moment('until', until));
    let before = cursor === undefined || cursor === '' ? end : Math.min(end, fromCursor(about, cursor).row);
    const pieces = [who, subject, text].flatMap(pieceOf);
    // By its index, a kind that is rare is found at once.
    const step = kind === undefined || kind === 'write' ? stepSize : Number.MAX_SAFE_INTEGER;
    const isWanted = matcher(query);
    const entries: AuditEntry[] = [];
    for (let searched = 0; before > first && entries.length < count && searched < searchedMax; searched += stepSize) {
      const from = Math.max(first, before - step);
      const rows = audit.newest({ tenant, before, from, kind, pieces }, stepSize);
      let isAll = rows.length < stepSize;
      for (const row of rows) {
        before = row.seq;
        const entry = toEntry(row);
        if (isWanted(entry)) entries.push(entry);
        if (entries.length < count) continue;
        isAll = false;
        break;
      }
      if (isAll) before = from;
      await turn();
    }
    if (before <= first) return { entries, latest };
    const [at] = audit.from(tenant, before, 1);
    return {
      entries,
      latest,
      nextCursor: toCursor(about, { key: null, row: before }),
      ...(at && { searchedTo: toEntry(at).at }),
    };
  }

  /** An entry, of a write with what it changed. @throws DirectoryError NOT_FOUND. */
  async entry(actor: Actor, seq: number): Promise<AuditDetails> {
    await this.#before(actor);
    const [row] = this.#store.audit.from(actor.tenant, seq, 1);
    if (row?.seq !== seq) throw new DirectoryError('NOT_FOUND', `The log has no entry ${seq}.`);
    const entry = toEntry(row);
    const { revision, subject } = entry;
    if (revision === undefined || !subject) return { entry };
    const key = { tenant: actor.tenant, type: subject.type as ResourceType, id: subject.id };
    const kept = this.#store.past.revisionAt(key, revision);
    return { entry, ...(kept?.revision === revision && { changes: kept.changes }) };
  }

  /** The number of the newest entry. */
  async latest(actor: Actor): Promise<number> {
    await this.#before(actor);
    return this.#store.audit.last(actor.tenant);
  }

  /** As check. @throws the signal's reason. */
  async verify(
    actor: Actor,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: AuditProgress) => void } = {},
  ): Promise<AuditVerdict> {
    const run = this.check(actor, signal);
    for (;;) {
      const { done, value } = await run.next();
      if (done) return value;
      onProgress?.(value);
    }
  }

  /**
   * Checks that nothing of the actor's tenant was altered by other ways than through the directory: the chain of entries, the
   * history, and what is there now. It goes in steps of a few milliseconds, and tells now and then how far it is.
   * @throws the signal's reason.
   */
  async *check(actor: Actor, signal?: AbortSignal): AsyncGenerator<AuditProgress, AuditVerdict> {
    await this.#before(actor);
    const check = this.#store.checkAudit(actor.tenant);
    for (let told = Number.NEGATIVE_INFINITY; ;) {
      signal?.throwIfAborted();
      const verdict = check.step();
      if (verdict) return verdict;
      const { checked, total } = check;
      if (performance.now() - told > tellEveryMs) {
        yield { checked, total };
        told = performance.now();
      }
      await turn();
    }
  }

  /**
   * The whole log of the actor's tenant as text, oldest first, in pieces. A line of JSON Lines is the entry's canonical JSON; its
   * `hash` is the SHA-256 of that line without `hash`.
   */
  async *export(actor: Actor, format: AuditFormat): AsyncGenerator<string> {
    await this.#before(actor);
    const { audit } = this.#store;
    yield exportText(format, undefined);
    for (let seq = 1; ;) {
      const rows = audit.from(actor.tenant, seq, exportedAtOnce);
      const last = rows.at(-1);
      if (!last) return;
      yield exportText(format, rows);
      seq = last.seq + 1;
      await turn();
    }
  }

  /** Writes down what was counted and not told yet. */
  close(): void {
    this.#folding.close();
  }
}

function matcher({ kind, actor, subject, text }: AuditQuery): (entry: AuditEntry) => boolean {
  const who = actor?.toLowerCase();
  const whom = subject?.toLowerCase();
  const what = text?.toLowerCase();
  const has = (value: string | undefined, part: string) => value?.toLowerCase().includes(part) === true;
  return (entry) =>
    (kind === undefined || entry.kind === kind) &&
    (who === undefined || entry.actor.id.toLowerCase() === who || has(entry.actor.name, who)) &&
    (whom === undefined || entry.subject?.id.toLowerCase() === whom || has(entry.subject?.name, whom)) &&
    (what === undefined || has(searchedText(entry), what));
}

function searchedText({ actor, subject, event, detail: { digest: _digest, ...detail } }: AuditEntry): string {
  return [actor.name, actor.id, subject?.name ?? '', subject?.id ?? '', event, JSON.stringify(detail)].join('\n');
}

/** What SQLite can look for before an entry is read: its letter case knows ASCII only. */
function pieceOf(text: string | undefined): string[] {
  if (text === undefined || !/^[\x20-\x7e]+$/.test(text)) return [];
  return [JSON.stringify(text).slice(1, -1).toLowerCase()];
}

function moment(name: string, text: string): string {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  const message = 'Give a time such as 2026-03-01T00:00:00Z.';
  throw new DirectoryError('INVALID_ARGUMENT', `${name}: ${message}`, { issues: [{ path: name, message }] });
}
