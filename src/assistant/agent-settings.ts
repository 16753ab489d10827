import type { z } from 'zod';
import {
  mcpServerSchema,
  modelEndpointSchema,
  type AgentSettingsData,
  type McpServer,
  type ModelEndpoint,
  type Permission,
} from './agent-settings-data.ts';
import { AssistantError } from './service.ts';

/** Texts that must not be read by others, by name; kept in the system's keychain or a file for its user only. */
export interface SecretStore {
  get(name: string): Promise<string | undefined>;
  set(name: string, secret: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** What a test of a connection has shown, in words for a person. */
export interface ConnectionTest {
  ok: boolean;
  /** For example "Answers in 120 ms and has the model llama3.2." */
  says: string;
  ms: number;
  /** The models that the endpoint lists, or the tools of the MCP server, at most 200. */
  found: string[];
}

/** How a secret is given: a text sets it, `null` removes it, absent leaves it as it is. It is never read back. */
type Secret = string | null | undefined;

/** What is given to add or change one. Its id is made from its name. */
export type ModelEndpointInput = Omit<z.input<typeof modelEndpointSchema>, 'id'> & { key?: Secret };
export type McpServerInput = Omit<z.input<typeof mcpServerSchema>, 'id'> & { secret?: Secret };

/** The models, MCP servers and permissions that the person has set up. Every method checks what it is given. */
export interface AgentSettings {
  /** What is kept now. */
  readonly data: Readonly<AgentSettingsData>;
  models: {
    list(): Promise<(ModelEndpoint & { hasKey: boolean })[]>;
    /** @throws AssistantError INVALID that names the field. */
    add(input: ModelEndpointInput): Promise<ModelEndpoint>;
    /** Replaces what is kept; the id stays. @throws AssistantError MODEL_NOT_FOUND, INVALID. */
    change(id: string, input: ModelEndpointInput): Promise<ModelEndpoint>;
    /** Removes its key too. @throws AssistantError MODEL_NOT_FOUND. */
    remove(id: string): Promise<void>;
    /**
     * Tries a connection, kept or not yet kept. Never throws for what the other side does.
     * @param input with the id of a kept one, whose key is used where none is given.
     */
    test(input: ModelEndpointInput & { id?: string | undefined }, signal?: AbortSignal): Promise<ConnectionTest>;
  };
  servers: {
    list(): Promise<(McpServer & { hasSecret: boolean })[]>;
    add(input: McpServerInput): Promise<McpServer>;
    change(id: string, input: McpServerInput): Promise<McpServer>;
    /** Removes its secret and the permissions of its tools too. */
    remove(id: string): Promise<void>;
    /** Connects and lists its tools. A command is started for this and ended again. */
    test(input: McpServerInput & { id?: string | undefined }, signal?: AbortSignal): Promise<ConnectionTest>;
  };
  permissions: {
    /** What this person has allowed for good in this tenant. */
    list(owner: { tenant: string; userId: string }): Permission[];
    allow(permission: Omit<Permission, 'since'>): Promise<void>;
    remove(permission: Pick<Permission, 'tenant' | 'userId' | 'tool'>): Promise<void>;
  };
  onChange(listener: () => void): () => void;
}

export interface AgentSettingsOptions {
  /** The kept settings; `save` resolves when they are on disk. */
  store: { read(): AgentSettingsData; save(data: AgentSettingsData): Promise<void> };
  secrets: SecretStore;
  testModel(endpoint: ModelEndpoint, key: string | undefined, signal: AbortSignal): Promise<ConnectionTest>;
  testServer(server: McpServer, secret: string | undefined, signal: AbortSignal): Promise<ConnectionTest>;
  clock?: () => Date;
}

const testMs = 30_000;
const secretMax = 4000;

/** The name under which the key of a model endpoint is kept. */
export const modelSecret = (id: string): string => `model/${id}`;
/** The name under which the secret of an MCP server is kept. */
export const serverSecret = (id: string): string => `mcp-server/${id}`;

/** Keeps what the person sets up for the agent: settings in the settings file, keys among the secrets. */
export function createAgentSettings(options: AgentSettingsOptions): AgentSettings {
  const { store, secrets, clock = () => new Date() } = options;
  const listeners = new Set<() => void>();
  let last: Promise<unknown> = Promise.resolve();

  /** One change after the other, each on what the one before it has kept. */
  const update = <T>(change: (data: AgentSettingsData) => { data: AgentSettingsData; result: T }, then?: () => Promise<void>) => {
    const next = last.then(async () => {
      const { data, result } = change(store.read());
      await then?.();
      await store.save(data);
      for (const listener of listeners) listener();
      return result;
    });
    last = next.catch(() => {});
    return next;
  };

  const keepSecret = async (secretName: string, secret: Secret): Promise<void> => {
    if (secret === null || secret === '') await secrets.delete(secretName);
    else if (secret !== undefined) await secrets.set(secretName, secret);
  };

  const list = async <T extends { id: string }, K extends string>(kept: readonly T[], nameOf: (id: string) => string, flag: K) =>
    Promise.all(
      kept.map(async (one) => ({ ...one, [flag]: (await secrets.get(nameOf(one.id))) !== undefined }) as T & Record<K, boolean>),
    );

  /** What models and servers have in common: `part` of the settings, whose secrets are named by `secretOf`. */
  const crud = <T extends ModelEndpoint | McpServer>(
    part: 'models' | 'servers',
    schema: z.ZodType<T>,
    secretOf: (id: string) => string,
    missing: (id: string) => AssistantError,
  ) => ({
    add: (input: object, secret: Secret): Promise<T> => {
      const newId = idFrom((input as { name?: unknown }).name, store.read()[part]);
      const made = checked(schema, { ...input, id: newId });
      checkSecret(secret);
      if (store.read()[part].length >= 50) throw new AssistantError('INVALID', 'There are 50 already; remove one first.', part);
      return update(
        (data) => ({ data: { ...data, [part]: [...data[part], made] }, result: made }),
        () => keepSecret(secretOf(made.id), secret),
      );
    },
    change: (id: string, input: object, secret: Secret): Promise<T> => {
      const made = checked(schema, { ...input, id });
      checkSecret(secret);
      const kept = store.read()[part].find((one) => one.id === id);
      // A key was given for one place, and is sent to no other.
      const key = secret === undefined && kept && placeOf(kept) !== placeOf(made) ? null : secret;
      return update(
        (data) => {
          if (!data[part].some((one) => one.id === id)) throw missing(id);
          return { data: { ...data, [part]: data[part].map((one) => (one.id === id ? made : one)) }, result: made };
        },
        () => keepSecret(secretOf(id), key),
      );
    },
    remove: (id: string): Promise<void> =>
      update(
        (data) => {
          if (!data[part].some((one) => one.id === id)) throw missing(id);
          const kept = { ...data, [part]: data[part].filter((one) => one.id !== id) };
          if (part === 'servers') kept.permissions = data.permissions.filter(({ tool }) => !tool.startsWith(`${id}/`));
          return { data: kept, result: undefined };
        },
        () => secrets.delete(secretOf(id)),
      ),
  });
  const models = crud<ModelEndpoint>('models', modelEndpointSchema, modelSecret, (id) => {
    return new AssistantError('MODEL_NOT_FOUND', `There is no model endpoint '${id}'.`, 'id');
  });
  const servers = crud<McpServer>('servers', mcpServerSchema, serverSecret, (id) => {
    return new AssistantError('INVALID', `There is no MCP server '${id}'.`, 'id');
  });

  /** The secret to test with: the one that is given, else the one that is kept for the same place. */
  const secretFor = async <T extends ModelEndpoint | McpServer>(
    given: Secret,
    tested: T,
    kept: readonly T[],
    nameOf: (id: string) => string,
  ): Promise<string | undefined> => {
    if (given !== undefined) return given === null || given === '' ? undefined : given;
    const isSame = kept.some((one) => one.id === tested.id && placeOf(one) === placeOf(tested));
    return isSame ? secrets.get(nameOf(tested.id)) : undefined;
  };
  const inTime = (signal: AbortSignal | undefined) => AbortSignal.any([AbortSignal.timeout(testMs), ...(signal ? [signal] : [])]);

  return {
    get data() {
      return store.read();
    },
    models: {
      list: () => list(store.read().models, modelSecret, 'hasKey'),
      add: async ({ key, ...input }) => models.add(input, key),
      change: async (id, { key, ...input }) => models.change(id, input, key),
      remove: async (id) => models.remove(id),
      async test({ key, id, ...input }, signal) {
        checkSecret(key);
        const endpoint = checked(modelEndpointSchema, { ...input, id: id ?? 'new' });
        return options.testModel(endpoint, await secretFor(key, endpoint, store.read().models, modelSecret), inTime(signal));
      },
    },
    servers: {
      list: () => list(store.read().servers, serverSecret, 'hasSecret'),
      add: async ({ secret, ...input }) => servers.add(input, secret),
      change: async (id, { secret, ...input }) => servers.change(id, input, secret),
      remove: async (id) => servers.remove(id),
      async test({ secret, id, ...input }, signal) {
        checkSecret(secret);
        const server = checked(mcpServerSchema, { ...input, id: id ?? 'new' });
        return options.testServer(server, await secretFor(secret, server, store.read().servers, serverSecret), inTime(signal));
      },
    },
    permissions: {
      list: ({ tenant, userId }) => store.read().permissions.filter((one) => one.tenant === tenant && one.userId === userId),
      allow: (permission) =>
        update((data) => {
          const others = data.permissions.filter((one) => !isSame(one, permission));
          const permissions = [...others, { ...permission, since: clock().toISOString() }].slice(-1000);
          return { data: { ...data, permissions }, result: undefined };
        }),
      remove: (permission) =>
        update((data) => ({
          data: { ...data, permissions: data.permissions.filter((one) => !isSame(one, permission)) },
          result: undefined,
        })),
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Where a secret goes. */
function placeOf(one: ModelEndpoint | McpServer): string {
  if ('baseUrl' in one) return `${one.provider} ${new URL(one.baseUrl).origin}`;
  const { connection } = one;
  return connection.kind === 'url' ? new URL(connection.url).origin : JSON.stringify([connection.command, connection.args]);
}

type Named = Pick<Permission, 'tenant' | 'userId' | 'tool'>;

function isSame(a: Named, b: Named): boolean {
  return a.tenant === b.tenant && a.userId === b.userId && a.tool === b.tool;
}

/** Our own server is `tandem`, and the offline model `offline`. */
const reserved = new Set(['tandem', 'offline', 'offline-rules', 'agent', 'new']);

function idFrom(text: unknown, taken: readonly { id: string }[]): string {
  const words = typeof text === 'string' ? text.toLowerCase().normalize('NFKD') : '';
  const base =
    words
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 28) || 'other';
  const isTaken = (id: string) => reserved.has(id) || taken.some((one) => one.id === id);
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!isTaken(id)) return id;
  }
}

function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.');
  throw new AssistantError('INVALID', `${field}: ${issue?.message}`, field);
}

function checkSecret(secret: Secret): void {
  if (typeof secret !== 'string') return;
  // A header or a variable cannot carry a line break, and what is pasted often ends with one.
  if (secret.length > secretMax || /[\r\n\0]/.test(secret))
    throw new AssistantError('INVALID', `key: At most ${secretMax} characters on one line.`, 'key');
}
