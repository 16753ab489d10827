import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type Database from 'better-sqlite3';
import { DemoError } from './error.ts';
import type { Owner } from './owner.ts';

/** How long somebody has to sign in, in milliseconds. */
export const signInMs = 10 * 60_000;
/** A computer that slept, or whose clock was set, is noticed after so long. */
const recheckMs = 2000;
/** How long the outcome is kept after that, for a call that is sent again. */
const keptMs = 24 * 60 * 60_000;
const waitingPerTenantMax = 500;
const triesMax = 5;
/** Without letters and digits that are mistaken for each other. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** Who somebody is, as the mock provider's ID token says it. */
export interface Identity {
  sub: string;
  name: string;
  email?: string;
}

/** A sign-in that a tool has asked for. */
export interface SignIn {
  /** In its address; whoever has it may sign in, and nothing else. */
  id: string;
  owner: Owner;
  state: 'waiting' | 'signed-in' | 'declined' | 'expired' | 'used';
  /** What the person tells a program that cannot be told by itself; absent for one that can. */
  code?: string;
  identity?: Identity;
  expires: number;
}

interface Row {
  id: string;
  tenant: string;
  by_id: string;
  by_name: string;
  state: 'waiting' | 'signed-in' | 'declined' | 'used';
  code: string;
  shows_code: number;
  tries: number;
  sub: string | null;
  name: string | null;
  email: string | null;
  expires: number;
}

/** Sign-ins at the mock provider that tools of the demonstration wait for. They outlive a restart. */
export class SignIns {
  readonly #db: Database.Database;
  readonly #clock: () => Date;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #closed = new AbortController();

  constructor(db: Database.Database, clock: () => Date) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * @param key of the call that asks for it: the same call, sent again, waits for the same sign-in.
   * @param showsCode whether the person is to tell a code, since the program cannot wait.
   * @throws DemoError TOO_MANY.
   */
  begin(owner: Owner, key: string, { showsCode }: { showsCode: boolean }): SignIn {
    const { tenant, id: by, name } = owner;
    const now = this.#clock().getTime();
    return this.#db
      .transaction(() => {
        const known = this.#db
          .prepare<[string, string, string], Row>('select * from sign_ins where tenant = ? and by_id = ? and key = ?')
          .get(tenant, by, key);
        if (known) return this.#toSignIn(known);
        this.#db.prepare('delete from sign_ins where expires < ?').run(now - keptMs);
        const waiting = this.#db
          .prepare<[string, number], { n: number }>(
            `select count(*) n from sign_ins where tenant = ? and state = 'waiting' and expires > ?`,
          )
          .get(tenant, now);
        if ((waiting?.n ?? 0) >= waitingPerTenantMax)
          throw new DemoError('TOO_MANY', `${waitingPerTenantMax} sign-ins wait already. Try again in a few minutes.`);
        const id = randomBytes(18).toString('base64url');
        const code = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join('');
        this.#db
          .prepare(
            `insert into sign_ins (id, tenant, by_id, by_name, key, state, code, shows_code, created, expires)
             values (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)`,
          )
          .run(id, tenant, by, name, key, code, Number(showsCode), now, now + signInMs);
        return { id, owner, state: 'waiting' as const, ...(showsCode && { code }), expires: now + signInMs };
      })
      .immediate();
  }

  /** @returns undefined if there is none with this id. */
  get(id: string): SignIn | undefined {
    const row = this.#db.prepare<[string], Row>('select * from sign_ins where id = ?').get(id);
    return row && this.#toSignIn(row);
  }

  /** @returns false if it does not wait any more: somebody was first, or it was too late. */
  complete(id: string, { sub, name, email }: Identity): boolean {
    const { changes } = this.#db
      .prepare(
        `update sign_ins set state = 'signed-in', sub = ?, name = ?, email = ? where id = ? and state = 'waiting' and expires > ?`,
      )
      .run(sub, name, email ?? null, id, this.#clock().getTime());
    if (changes > 0) this.#changed(id);
    return changes > 0;
  }

  /** @returns false if it does not wait any more. */
  decline(id: string): boolean {
    const { changes } = this.#db.prepare(`update sign_ins set state = 'declined' where id = ? and state = 'waiting'`).run(id);
    if (changes > 0) this.#changed(id);
    return changes > 0;
  }

  /**
   * Waits for the end of a sign-in.
   * @throws DemoError DECLINED, EXPIRED, NOT_FOUND; the signal's reason.
   */
  async outcome(id: string, stopped: AbortSignal): Promise<Identity> {
    const signal = AbortSignal.any([stopped, this.#closed.signal]);
    for (;;) {
      signal.throwIfAborted();
      const signIn = this.get(id);
      if (!signIn) throw new DemoError('NOT_FOUND', 'There is no such sign-in.');
      if (signIn.identity) return signIn.identity;
      if (signIn.state === 'declined') throw new DemoError('DECLINED', 'The person did not sign in: they declined.');
      if (signIn.state !== 'waiting') throw new DemoError('EXPIRED', 'Nobody signed in in time.');
      await this.#change(id, signIn.expires - this.#clock().getTime(), signal);
    }
  }

  /**
   * The identity of a sign-in, for who has its code; once.
   * @throws DemoError NOT_FOUND (of others too), EXPIRED, DECLINED, WRONG_CODE.
   */
  redeem({ tenant, id: by }: Owner, id: string, code: string): Identity {
    // A try that was wrong is counted, so the transaction must not be undone by a throw.
    const redeemed = this.#db
      .transaction((): Identity | DemoError => {
        const row = this.#db
          .prepare<[string, string, string], Row>('select * from sign_ins where id = ? and tenant = ? and by_id = ?')
          .get(id, tenant, by);
        if (!row) return new DemoError('NOT_FOUND', 'There is no such sign-in. Call login without arguments for a new one.');
        const signIn = this.#toSignIn(row);
        if (signIn.state === 'declined') return new DemoError('DECLINED', 'The person did not sign in: they declined.');
        if (signIn.state === 'expired') return new DemoError('EXPIRED', 'Nobody signed in in time. Call login again.');
        if (signIn.state === 'used') return new DemoError('EXPIRED', 'This code was used already. Call login again.');
        if (row.tries >= triesMax) return new DemoError('EXPIRED', 'Too many wrong codes. Call login again.');
        if (!signIn.identity || !same(plain(code), row.code)) {
          this.#db.prepare('update sign_ins set tries = tries + 1 where id = ?').run(id);
          return new DemoError(
            'WRONG_CODE',
            signIn.identity
              ? 'This is not the code that the page shows after signing in. Look again.'
              : 'Nobody has signed in yet. Open the link, sign in, and send the code that the page shows then.',
          );
        }
        this.#db.prepare(`update sign_ins set state = 'used' where id = ?`).run(id);
        return signIn.identity;
      })
      .immediate();
    if (redeemed instanceof DemoError) throw redeemed;
    return redeemed;
  }

  /** Ends what still waits. */
  close(): void {
    this.#closed.abort(new DemoError('UNAVAILABLE', 'Tandem is closing. Call again when it runs.'));
  }

  /** Resolves when it has changed, or after a time. */
  #change(id: string, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const listeners = this.#listeners.get(id) ?? new Set();
      this.#listeners.set(id, listeners);
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        listeners.delete(end);
        if (listeners.size === 0) this.#listeners.delete(id);
        resolve();
      };
      const onAbort = () => {
        reject(signal.reason as Error);
        end();
      };
      const timer = setTimeout(end, Math.max(0, Math.min(ms + 1, recheckMs)));
      listeners.add(end);
      signal.addEventListener('abort', onAbort);
    });
  }

  #changed(id: string): void {
    for (const listener of this.#listeners.get(id) ?? []) listener();
  }

  #toSignIn({ id, tenant, by_id, by_name, state, code, shows_code, sub, name, email, expires }: Row): SignIn {
    return {
      id,
      owner: { tenant, id: by_id, name: by_name },
      state: state === 'waiting' && expires <= this.#clock().getTime() ? 'expired' : state,
      ...(shows_code === 1 && { code }),
      ...(sub !== null && { identity: { sub, name: name ?? sub, ...(email !== null && { email }) } }),
      expires,
    };
  }
}

function plain(code: string): string {
  return code.toUpperCase().replaceAll(/[\s-]/g, '');
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
