import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Low, type Adapter as FileAdapter } from 'lowdb';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { z } from 'zod';
import { DirectoryError } from '../directory/index.ts';

const scope = z.enum(['scim:read', 'scim:write', 'scim:admin']);

const storedKey = z.object({
  id: z.string(),
  hash: z.string(),
  name: z.string(),
  tenant: z.string(),
  scopes: z.array(scope),
  created: z.string(),
  expires: z.string().optional(),
  lastUsed: z.string().optional(),
});
export type StoredKey = z.infer<typeof storedKey>;

const storedGrant = z.object({ tenant: z.string(), clientId: z.string(), clientName: z.string() });
/** What Tandem knows of a consent beside what the provider keeps. */
export type StoredGrant = z.infer<typeof storedGrant>;

const record = z.object({ payload: z.looseObject({}), expires: z.number().optional() });

/** `auth.json`: what must survive a restart. Access keys and refresh tokens are stored as hashes. */
const fileSchema = z.object({
  keys: z.array(storedKey),
  grants: z.record(z.string(), storedGrant),
  records: z.record(z.string(), z.record(z.string(), record)),
});
type FileData = z.infer<typeof fileSchema>;

/** Models of the provider that survive a restart. The others live for minutes: losing them means to sign in again. */
const durable = new Set(['Client', 'Grant', 'RefreshToken']);
/** Models whose id is a secret. */
const secret = new Set(['RefreshToken']);
const clientsMax = 500;
const transientMax = 5000;

/** The provider's small state and the access keys. What was acknowledged is on disk. */
export class AuthStore {
  readonly #db: Low<FileData>;
  readonly #transient = new Map<string, { payload: AdapterPayload; expires: number | undefined }>();
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor(db: Low<FileData>) {
    this.#db = db;
    this.#prune();
  }

  /** @throws DirectoryError UNAVAILABLE if the file is damaged; it is never replaced silently. */
  static async open(path: string): Promise<AuthStore> {
    const db = new Low<FileData>(durableFile(path), { keys: [], grants: {}, records: {} });
    try {
      await db.read();
      db.data = fileSchema.parse(db.data);
    } catch (error) {
      const message = `${path} is damaged. Restore it from a backup, or delete it: then clients must sign in again and access keys are gone.`;
      throw new DirectoryError('UNAVAILABLE', message, { cause: error });
    }
    return new AuthStore(db);
  }

  get keys(): StoredKey[] {
    return this.#db.data.keys;
  }

  grant(id: string): StoredGrant | undefined {
    return this.#db.data.grants[id];
  }

  async addGrant(id: string, grant: StoredGrant): Promise<void> {
    this.#db.data.grants[id] = grant;
    await this.save();
  }

  /** Writes what changed; several calls at once share a write. */
  save(): Promise<void> {
    this.#next ??= (this.#writing ?? Promise.resolve()).then(() => {
      this.#next = undefined;
      this.#writing = this.#db.write();
      return this.#writing;
    });
    return this.#next;
  }

  #prune(): void {
    const { records, grants } = this.#db.data;
    const now = Date.now();
    for (const [model, entries] of Object.entries(records))
      for (const [id, { expires }] of Object.entries(entries))
        if (expires !== undefined && expires < now) {
          delete entries[id];
          if (model === 'Grant') delete grants[id];
        }
    const clients = Object.keys(records['Client'] ?? {});
    const used = new Set(Object.values(grants).map(({ clientId }) => clientId));
    const unused = clients.filter((id) => !used.has(id));
    for (const id of unused.slice(0, Math.max(0, clients.length - clientsMax))) delete records['Client']?.[id];
  }

  /** The provider's view of this store: one adapter for each of its models. */
  adapter(model: string): Adapter {
    return durable.has(model) ? this.#durableAdapter(model) : this.#transientAdapter(model);
  }

  #durableAdapter(model: string): Adapter {
    const { records, grants } = this.#db.data;
    const entries = (records[model] ??= {});
    const keyOf = (id: string) => (secret.has(model) ? createHash('sha256').update(id).digest('base64url') : id);
    return {
      upsert: async (id, payload, expiresIn) => {
        const { jti, ...rest } = payload;
        const expires = expiresIn ? { expires: Date.now() + expiresIn * 1000 } : {};
        entries[keyOf(id)] = { payload: secret.has(model) ? rest : { jti, ...rest }, ...expires };
        this.#prune();
        await this.save();
      },
      find: async (id) => {
        const found = entries[keyOf(id)];
        if (!found || (found.expires !== undefined && found.expires < Date.now())) return undefined;
        return (secret.has(model) ? { ...found.payload, jti: id } : found.payload) as AdapterPayload;
      },
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const found = entries[keyOf(id)];
        if (found) found.payload['consumed'] = Math.floor(Date.now() / 1000);
        await this.save();
      },
      destroy: async (id) => {
        delete entries[keyOf(id)];
        if (model === 'Grant') delete grants[id];
        await this.save();
      },
      revokeByGrantId: async (grantId) => {
        for (const [id, { payload }] of Object.entries(entries)) if (payload['grantId'] === grantId) delete entries[id];
        delete grants[grantId];
        await this.save();
      },
    };
  }

  #transientAdapter(model: string): Adapter {
    const keyOf = (id: string) => `${model}:${id}`;
    const find = (id: string) => {
      const found = this.#transient.get(keyOf(id));
      return found && (found.expires === undefined || found.expires > Date.now()) ? found.payload : undefined;
    };
    const removeWhere = (matches: (payload: AdapterPayload) => boolean) => {
      for (const [key, { payload }] of this.#transient)
        if (key.startsWith(`${model}:`) && matches(payload)) this.#transient.delete(key);
    };
    return {
      upsert: async (id, payload, expiresIn) => {
        for (const key of this.#transient.keys()) {
          if (this.#transient.size < transientMax) break;
          this.#transient.delete(key);
        }
        this.#transient.set(keyOf(id), { payload, expires: expiresIn ? Date.now() + expiresIn * 1000 : undefined });
      },
      find: async (id) => find(id),
      findByUid: async (uid) =>
        [...this.#transient].find(([key, { payload }]) => key.startsWith(`${model}:`) && payload.uid === uid)?.[1].payload,
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const payload = find(id);
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void this.#transient.delete(keyOf(id)),
      revokeByGrantId: async (grantId) => removeWhere((payload) => payload.grantId === grantId),
    };
  }
}

/** A file that is whole before it replaces the old one, and on disk before the write is acknowledged. */
function durableFile(path: string): FileAdapter<FileData> {
  return {
    async read() {
      try {
        return JSON.parse(await readFile(path, 'utf8')) as FileData;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    async write(data) {
      const temporary = `${path}.new`;
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(data));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      if (process.platform === 'win32') return;
      const folder = await open(dirname(path), 'r');
      await folder.sync().finally(() => folder.close());
    },
  };
}
