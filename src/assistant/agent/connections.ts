import type { Client, ElicitResult, Tool } from '@modelcontextprotocol/client';
import PQueue from 'p-queue';
import type { Elicitation } from './elicitation.ts';
import { connectServer, toolsOf, type Target } from './connect-server.ts';

const bounds = { idleMs: 5 * 60_000, sweepMs: 30_000, urlsMax: 256, commandsMax: 24, closeMs: 3000 } as const;

/** Answers a question that a server asks while a call waits (2025 era). */
export type Asker = (elicitation: Elicitation) => Promise<ElicitResult>;

/** One conversation's connection to one MCP server: no other conversation's questions or subscriptions come through it. */
export interface Connection {
  readonly client: Client;
  /** As they are now. */
  tools(signal: AbortSignal): Promise<Tool[]>;
  /**
   * Runs a call. A server of the 2025 era does not say from which call a question comes, so calls of one connection follow
   * each other there.
   */
  use<T>(ask: Asker, work: () => Promise<T>): Promise<T>;
}

interface Entry {
  connection: Promise<Connection>;
  target: string;
  kind: Target['kind'];
  lastUsed: number;
  /** Runs that use it now. */
  uses: number;
}

/** Too many conversations use programs at once. */
export class NoConnectionFree extends Error {}

/** The connections of all conversations: made when needed, ended when idle, bounded. */
export class Connections {
  readonly #entries = new Map<string, Entry>();
  readonly #sweep: NodeJS.Timeout;
  #closed = false;

  constructor() {
    this.#sweep = setInterval(() => this.#endIdle(), bounds.sweepMs);
    this.#sweep.unref();
  }

  /**
   * Borrows the connection of a conversation to a server, until `release`.
   * @throws NoConnectionFree past the bound; what connecting throws.
   */
  async borrow(conversation: string, server: string, target: Target): Promise<{ connection: Connection; release: () => void }> {
    if (this.#closed) throw new NoConnectionFree('Tandem is closing.');
    const key = `${conversation} ${server}`;
    const targetKey = JSON.stringify(target);
    let entry = this.#entries.get(key);
    // A server whose settings have changed is another server.
    if (entry && entry.target !== targetKey) {
      this.#end(key, entry);
      entry = undefined;
    }
    if (!entry) {
      this.#makeRoom(target.kind);
      const made: Entry = {
        connection: open(target, () => this.#forget(key, made)),
        target: targetKey,
        kind: target.kind,
        lastUsed: 0,
        uses: 0,
      };
      made.connection.catch(() => this.#forget(key, made));
      this.#entries.set(key, made);
      entry = made;
    }
    const used = entry;
    used.uses++;
    used.lastUsed = Date.now();
    const release = once(() => {
      used.uses--;
      used.lastUsed = Date.now();
    });
    try {
      return { connection: await used.connection, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Ends the connections to servers that are gone. */
  keepServers(servers: readonly string[]): void {
    for (const [key, entry] of this.#entries) if (!servers.includes(key.slice(key.indexOf(' ') + 1))) this.#end(key, entry);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    const open = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(open.map(closeEntry));
  }

  #makeRoom(kind: Target['kind']): void {
    const same = [...this.#entries].filter(([, entry]) => entry.kind === kind);
    if (same.length < (kind === 'url' ? bounds.urlsMax : bounds.commandsMax)) return;
    const [idlest] = same.filter(([, { uses }]) => uses === 0).toSorted(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (!idlest) throw new NoConnectionFree('Too many conversations use this server at once. Try again when some have ended.');
    this.#end(...idlest);
  }

  #endIdle(): void {
    const before = Date.now() - bounds.idleMs;
    for (const [key, entry] of this.#entries) if (entry.uses === 0 && entry.lastUsed < before) this.#end(key, entry);
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #end(key: string, entry: Entry): void {
    this.#forget(key, entry);
    void closeEntry(entry);
  }
}

async function open(target: Target, onClose: () => void): Promise<Connection> {
  let ask: Asker | undefined;
  const client = await connectServer(target, {
    prepare(client) {
      client.onclose = onClose;
      // What no call waits for, nobody is there to answer.
      client.setRequestHandler('elicitation/create', async ({ params }) => (await ask?.(params)) ?? { action: 'cancel' });
    },
  });
  const isModern = client.getProtocolEra() === 'modern';
  const turns = new PQueue({ concurrency: 1 });
  return {
    client,
    tools: (signal) => toolsOf(client, signal),
    use(asker, work) {
      if (isModern) return work();
      return turns.add(async () => {
        ask = asker;
        try {
          return await work();
        } finally {
          ask = undefined;
        }
      });
    },
  };
}

/** A server that does not end its session is not waited for. */
async function closeEntry({ connection }: Entry): Promise<void> {
  const ended = connection.then(({ client }) => client.close()).catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, bounds.closeMs)))]);
  clearTimeout(timer);
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
