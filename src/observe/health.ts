import { accessSync, constants } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { FastifyPluginAsync } from 'fastify';

/** How a part of Tandem is. Nothing in it is secret: every program of this computer may ask. */
export interface PartHealth {
  ok: boolean;
  /** For a person: what is wrong, or what is worth knowing. */
  detail?: string;
}

export type PartName = 'database' | 'disk' | 'mcp' | 'auth' | 'scim' | 'assistant' | 'events' | 'keychain';

export interface Health {
  /** `ok`, or `degraded` where a part is not; requests may be answered all the same. */
  status: 'ok' | 'degraded';
  version: string;
  /** The process answers. */
  live: true;
  /** Whether requests should be sent here. */
  ready: boolean;
  /** Why not: parts without which nothing goes, or `closing`. */
  notReady: (PartName | 'closing')[];
  parts: Record<PartName, PartHealth>;
}

export interface HealthOptions {
  version: string;
  dataDir: string;
  /** @throws if no write could begin. */
  probeDatabase: () => void;
  /** Whether the doors take requests. */
  isOpen: () => boolean;
  isClosing: () => boolean;
  assistant: () => PartHealth;
  /** Receivers of change events to whom nothing is sent any more. */
  stoppedStreams: () => number;
  keychain: { place: 'keychain' | 'file' };
}

/** Without these nothing can be changed, so that no request should come. */
const needed: readonly PartName[] = ['database', 'disk', 'mcp', 'auth', 'scim'];
/** Below it SQLite may fail in the middle of a write; alarms are raised much earlier (observe/alarms.ts). */
const diskNeededBytes = 32 * 1024 * 1024;
/** Whoever asks more often gets the same answer: a probe begins a write. */
const cachedMs = 2000;

/** How Tandem is, asked at most every two seconds. */
export class HealthCheck {
  readonly #options: HealthOptions;
  #parts: { at: number; parts: Promise<Health['parts']> } | undefined;
  /** Bytes that are free where the data is, as of the last check; undefined where that is not known. */
  diskFree: number | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  async read(): Promise<Health> {
    const { version, isClosing } = this.#options;
    if (!this.#parts || Date.now() - this.#parts.at > cachedMs) this.#parts = { at: Date.now(), parts: this.#check() };
    const parts = await this.#parts.parts;
    const notReady: Health['notReady'] = needed.filter((name) => !parts[name].ok);
    if (isClosing()) notReady.push('closing');
    const isWell = Object.values(parts).every(({ ok }) => ok);
    return { status: isWell ? 'ok' : 'degraded', version, live: true, ready: notReady.length === 0, notReady, parts };
  }

  async #check(): Promise<Health['parts']> {
    const { dataDir, isOpen, assistant, stoppedStreams, keychain } = this.#options;
    this.diskFree = await freeBytes(dataDir);
    const door: PartHealth = isOpen() ? { ok: true } : { ok: false, detail: 'It is not open.' };
    const stopped = stoppedStreams();
    return {
      database: this.#database(),
      disk:
        this.diskFree === undefined || this.diskFree >= diskNeededBytes
          ? { ok: true }
          : { ok: false, detail: 'There is no room for changes where the data is.' },
      mcp: door,
      auth: door,
      scim: door,
      assistant: assistant(),
      events: stopped === 0 ? { ok: true } : { ok: false, detail: 'A receiver of changes gets nothing any more.' },
      keychain:
        keychain.place === 'keychain'
          ? { ok: true }
          : { ok: true, detail: 'Secrets are in a file, since the system has no keychain, or was told not to use it.' },
    };
  }

  #database(): PartHealth {
    try {
      accessSync(this.#options.dataDir, constants.W_OK);
      this.#options.probeDatabase();
      return { ok: true };
    } catch {
      return { ok: false, detail: 'The directory cannot be written. The log says why.' };
    }
  }

  /** `/health`, `/health/live` and `/health/ready`: for whoever supervises Tandem, without a key. */
  get routes(): FastifyPluginAsync {
    return async (fastify) => {
      fastify.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
      fastify.get('/health', () => this.read());
      fastify.get('/health/live', async () => ({ status: 'ok' }));
      fastify.get('/health/ready', async (_request, reply) => {
        const { ready, notReady } = await this.read();
        if (!ready) reply.code(503).header('retry-after', '5');
        return { status: ready ? 'ok' : 'unavailable', notReady };
      });
    };
  }
}

async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
