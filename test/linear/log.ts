import type { Fields, Type } from './record.ts';

/** What a write asks for; the model says what that makes of a record. */
export type Intent =
  | { kind: 'create' | 'restore'; fields: Fields; members?: readonly string[] | undefined }
  | { kind: 'replace'; fields: Fields; members?: readonly string[] | undefined }
  | { kind: 'patch'; sets: Readonly<Record<string, string | null>>; add?: readonly string[]; remove?: readonly string[] }
  | { kind: 'delete' }
  | { kind: 'revert'; to: string; fields?: readonly string[] | undefined }
  /** A refused write, put together with what others had changed. */
  | { kind: 'merge'; of: Write; base: string; mine: readonly string[] };

/** One write, as its client sent it. */
export interface Write {
  type: Type;
  /** Of what is created, once that is known. */
  id?: string | undefined;
  intent: Intent;
  /** The version that it is for; absent where any is good. */
  expected?: string | undefined;
  /** The paths that its client means to change; absent for all that it changes. */
  meant?: readonly string[] | undefined;
  /** Of each operation of a request that stands alone; of an atomic request, of all. */
  outcome: Outcome;
}

export interface Refused {
  kind: 'refused';
  code: string;
  /** For VERSION_MISMATCH and STALE_BODY: the version that it met. */
  current?: string | undefined;
}

/** What its client learned of a write; nothing if the host was killed before it answered. */
export type Outcome =
  | { kind: 'done'; version?: string | undefined; changed?: boolean | undefined }
  | Refused
  | { kind: 'unknown' };

/** What a read answered. Of a list: all there are of a type. */
export type Seen =
  | { kind: 'one'; type: Type; id: string; version?: string; fields?: Fields; members?: readonly string[] | undefined }
  | { kind: 'all'; type: Type; versions: ReadonlyMap<string, string> };

/** One request. Times are of a monotonic clock, in milliseconds. */
export interface Call {
  /** Unique; the history names it as the author. */
  client: string;
  start: number;
  /** Infinity where no answer came. */
  end: number;
  /** The same by the clock of the computer. */
  from: number;
  to: number;
  atomic: boolean;
  writes: Write[];
  seen?: Seen;
}

/** Everything that all clients did. */
export class Log {
  readonly calls: Call[] = [];

  /** Records a request that writes. @param send fills in the outcomes. */
  async write(client: string, writes: Write[], send: () => Promise<void>, atomic = false): Promise<void> {
    await this.#record({ client, atomic, writes }, async () => send());
  }

  /** Records a request that reads. */
  async read<T>(client: string, send: () => Promise<T>, seenOf: (answer: T) => Seen): Promise<T> {
    let answer: T | undefined;
    await this.#record({ client, atomic: false, writes: [] }, async (call) => {
      answer = await send();
      call.seen = seenOf(answer);
    });
    return answer as T;
  }

  /** The host was killed: what was not answered will not be, and what it did not do by now it will not do. */
  killed(): void {
    for (const call of this.calls) {
      call.end = Math.min(call.end, performance.now());
      call.to = Math.min(call.to, Date.now());
    }
  }

  async #record(about: Pick<Call, 'client' | 'atomic' | 'writes'>, send: (call: Call) => Promise<void>): Promise<void> {
    const call: Call = { ...about, start: performance.now(), end: Infinity, from: Date.now(), to: Infinity };
    this.calls.push(call);
    await send(call);
    call.end = performance.now();
    call.to = Date.now();
  }
}
