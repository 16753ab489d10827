import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { TRPCClientError } from '@trpc/client';
import type { Refusal } from '../../src/api/index.ts';
import type { windowClient } from '../host.ts';
import { caller, urns, type Reply } from '../scim-host.ts';
import { fieldsOf, type Fields, type Type } from './record.ts';

type Json = Record<string, unknown>;

/** What any door answers, in one form. */
export type Answer =
  | {
      ok: true;
      id?: string;
      version?: string;
      fields?: Fields;
      members?: readonly string[] | undefined;
      changed?: boolean | undefined;
    }
  | {
      ok: false;
      code: string;
      current?: string | undefined;
      conflictId?: string;
      base?: string;
      overlapping?: readonly string[];
    };

/** One operation of a bulk request. */
export interface BulkItem {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  type: Type;
  id?: string | undefined;
  bulkId?: string;
  expected?: string | undefined;
  data?: unknown;
}

/** What clients do through one of the doors. */
export interface Door {
  get: (type: Type, id: string) => Promise<Answer>;
  /** The versions of all, by id. */
  all: (type: Type) => Promise<Map<string, string>>;
  create: (type: Type, record: Json) => Promise<Answer>;
  replace: (type: Type, id: string, record: Json, expected?: string) => Promise<Answer>;
  remove: (type: Type, id: string, expected?: string) => Promise<Answer>;
  patch?: (type: Type, id: string, operations: readonly Json[], expected?: string) => Promise<Answer>;
  members?: (id: string, change: { add: readonly string[]; remove: readonly string[] }, expected?: string) => Promise<Answer>;
  /** Of an atomic request that is refused, one answer for all. */
  bulk?: (items: readonly BulkItem[], atomic: boolean) => Promise<Answer[]>;
  recreate?: (type: Type, id: string, record: Json) => Promise<Answer>;
  revert?: (
    type: Type,
    id: string,
    to: string,
    options: { expected?: string | undefined; fields?: readonly string[] },
  ) => Promise<Answer>;
  resolve?: (conflictId: string, strategy: string, choices?: Readonly<Record<string, string>>) => Promise<Answer>;
  close: () => Promise<void>;
}

const memberIdsOf = ({ members }: Json): string[] =>
  ((members ?? []) as { value: string }[]).map(({ value }) => value).toSorted();

/** A client of the current MCP SDK, of one era of the protocol. */
export async function mcpDoor(url: string, key: string, era: '2025' | '2026'): Promise<Door & { tool: Tool }> {
  const client = new Client(
    { name: 'linear', version: '1' },
    era === '2026' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {},
  );
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  // Not all that it does is at /mcp itself.
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/x/all`), { requestInit }));
  const tool: Tool = async (name, args) => {
    const { structuredContent } = await client.callTool({ name, arguments: args });
    return structuredContent as object as ToolResult;
  };
  const call = async (name: string, args: Json) => fromTool(await tool(name, args));
  const own = (type: Type, id: string) => (type === 'User' ? { user_id: id } : { group_id: id });
  const of = (type: Type) => type.toLowerCase();
  return {
    tool,
    get: (type, id) => call(`scim_get_${of(type)}`, own(type, id)),
    async all(type) {
      const { content } = await tool(`scim_list_${of(type)}s`, { count: 100 });
      return new Map((content as unknown as Json[]).map(({ id, _version }) => [String(id), String(_version)]));
    },
    create: (type, record) => call(`scim_create_${of(type)}`, { [`${of(type)}_data`]: record }),
    replace: (type, id, record, expected) =>
      call(`scim_update_${of(type)}`, { ...own(type, id), [`${of(type)}_data`]: record, expected_version: expected }),
    remove: (type, id, expected) => call(`scim_delete_${of(type)}`, { ...own(type, id), expected_version: expected }),
    patch: (type, id, operations, expected) =>
      call(`scim_patch_${of(type)}`, { ...own(type, id), operations, expected_version: expected }),
    members: (id, change, expected) => call('scim_modify_group_members', { group_id: id, ...change, expected_version: expected }),
    async bulk(items, atomic) {
      const operations = items.map(({ type, id, bulkId, expected, ...item }) => ({
        ...item,
        path: `/${type}s${id === undefined ? '' : `/${id}`}`,
        ...(bulkId !== undefined && { bulkId }),
        ...(expected !== undefined && { expected_version: expected }),
      }));
      const { success, content } = await tool('scim_bulk', { operations, atomic });
      const results = content['results'] as (Json & { error?: ToolResult['content'] })[] | undefined;
      if (!results) return items.map(() => fromTool({ success, content, metadata: {} }));
      return results.map((result): Answer =>
        result.error
          ? fromTool({ success: false, content: result.error, metadata: {} })
          : {
              ok: true,
              id: result['id'] as string,
              ...(result['version'] !== undefined && { version: result['version'] as string }),
            },
      );
    },
    revert: (type, id, to, { expected, fields }) =>
      call('scim_revert', { resource_type: type, resource_id: id, to_version: to, expected_version: expected, fields }),
    resolve: (conflict_id, strategy, choices) => call('scim_resolve_conflict', { conflict_id, strategy, choices }),
    close: () => client.close(),
  };
}

export type Tool = (name: string, args: Json) => Promise<ToolResult>;
export interface ToolResult {
  success: boolean;
  content: Json & { error_code?: string; error?: string; conflict?: Json };
  metadata: Json;
}

function fromTool({ success, content, metadata }: ToolResult): Answer {
  if (!success) {
    const { conflict } = content;
    const code = String(content.error_code);
    return {
      ok: false,
      code: /^(?:USER|GROUP)_NOT_FOUND$/.test(code) ? 'NOT_FOUND' : code,
      ...(conflict && {
        current: String(conflict['current_version']),
        base: String(conflict['expected_version']),
        overlapping: conflict['overlapping'] as string[],
        ...(conflict['conflict_id'] !== undefined && { conflictId: conflict['conflict_id'] as string }),
      }),
    };
  }
  const changed = metadata['changed'] as boolean | undefined;
  const version = content['_version'] as string | undefined;
  const isWhole = Array.isArray(content['schemas']);
  const omitted = 'members_omitted' in metadata;
  return {
    ok: true,
    ...(typeof content['id'] === 'string' && { id: content['id'] }),
    ...(version !== undefined && { version }),
    ...(isWhole && { fields: fieldsOf(content), members: omitted ? undefined : memberIdsOf(content) }),
    ...(changed !== undefined && { changed }),
  };
}

/** A client of the REST door, with ETags. */
export function restDoor(root: string, key: string): Door {
  const call = caller(root, key);
  const path = (type: Type, id: string) => `/${type}s/${id}`;
  const matching = (expected?: string) => (expected === undefined ? {} : { 'if-match': `W/"${expected}"` });
  const patchOf = (operations: readonly Json[]) => ({ schemas: [urns.patch], Operations: operations });
  const door: Door = {
    get: async (type, id) => fromRest(await call('GET', path(type, id))),
    async all(type) {
      const { body } = await call('GET', `/${type}s?count=200&attributes=id,meta`);
      const rows = (body.Resources ?? []) as { id: string; meta: { version: string } }[];
      return new Map(rows.map(({ id, meta }) => [id, rawOf(meta.version)]));
    },
    create: async (type, record) => fromRest(await call('POST', `/${type}s`, record)),
    replace: async (type, id, record, expected) => fromRest(await call('PUT', path(type, id), record, matching(expected))),
    remove: async (type, id, expected) => fromRest(await call('DELETE', path(type, id), undefined, matching(expected))),
    patch: async (type, id, operations, expected) =>
      fromRest(await call('PATCH', path(type, id), patchOf(operations), matching(expected))),
    async bulk(items) {
      const operations = items.map(({ type, id, expected, data, ...item }) => ({
        ...item,
        path: `/${type}s${id === undefined ? '' : `/${id}`}`,
        ...(expected !== undefined && { version: `W/"${expected}"` }),
        data: item.method === 'PATCH' ? patchOf(data as Json[]) : data,
      }));
      const { status, body, text } = await call('POST', '/Bulk', { schemas: [urns.bulk], Operations: operations });
      if (status !== 200) throw new Error(text);
      return (body.Operations as Json[]).map((result): Answer => {
        const {
          status: of,
          response,
          version,
          location,
        } = result as { status: string; response?: object; version?: string; location?: string };
        if (Number(of) >= 400) return refusalOf(Number(of), response ?? {});
        return { ok: true, id: location?.split('/').at(-1) ?? '', ...(version !== undefined && { version: rawOf(version) }) };
      });
    },
    close: async () => {},
  };
  return door;
}

function rawOf(etag: string): string {
  return /^W\/"(.*)"$/.exec(etag)?.[1] ?? etag;
}

function fromRest({ status, body, headers }: Reply): Answer {
  if (status >= 400) return refusalOf(status, body);
  const etag = headers.get('etag');
  // Members are read after the version and may be newer than it, as resource.ts says.
  return { ok: true, ...(body && { id: body.id, fields: fieldsOf(body) }), ...(etag && { version: rawOf(etag) }) };
}

const codes: Record<number, string> = {
  404: 'NOT_FOUND',
  412: 'VERSION_MISMATCH',
  409: 'UNIQUENESS',
  400: 'SCHEMA_VIOLATION',
  429: 'RETRY_BUDGET_EXHAUSTED',
};

function refusalOf(status: number, body: object): Answer {
  const conflict = (body as Record<string, { currentVersion: string } | undefined>)[urns.conflict];
  const code = status === 409 && conflict ? 'STALE_BODY' : (codes[status] ?? String(status));
  return { ok: false, code, ...(conflict && { current: rawOf(conflict.currentVersion) }) };
}

/** The window: a person, through the same calls as the renderer's. */
export function windowDoor(window: ReturnType<typeof windowClient>): Door {
  const tenant = 'default';
  const router = (type: Type) => (type === 'User' ? window.people : window.groups);
  const asked = async (call: Promise<Written | void>): Promise<Answer> => {
    try {
      const written = await call;
      if (!written) return { ok: true };
      const { resource, version, changed } = written;
      return { ok: true, id: resource.id, version, fields: fieldsOf(resource), ...(changed !== undefined && { changed }) };
    } catch (error) {
      return refused(error);
    }
  };
  return {
    get: (type, id) => asked(router(type).get.query({ tenant, id })),
    async all(type) {
      const { rows } = await router(type).list.query({ tenant, offset: 0, limit: 200 });
      return new Map(rows.map(({ id, version }) => [id, version]));
    },
    create: (type, record) => asked(router(type).create.mutate({ tenant, record })),
    replace: (type, id, record, expectedVersion = '') => asked(router(type).save.mutate({ tenant, id, record, expectedVersion })),
    remove: (type, id, expectedVersion = '') => asked(router(type).delete.mutate({ tenant, id, expectedVersion })),
    members: (id, { add, remove }) =>
      asked(window.groups.modifyMembers.mutate({ tenant, id, add: [...add], remove: [...remove] })),
    recreate: (type, id, record) => asked(router(type).recreate.mutate({ tenant, id, record })),
    async revert(type, id, to, { expected, fields }) {
      const { entries } = await window.history.list.query({ tenant, type, id, limit: 200 });
      const found = entries.find(({ version, operation }) => version === to && operation !== 'delete');
      if (!found) return { ok: false, code: 'VERSION_NOT_FOUND' };
      return asked(
        window.history.revert.mutate({
          tenant,
          type,
          id,
          revision: found.revision,
          ...(expected !== undefined && { expectedVersion: expected }),
          ...(fields && { fields: [...fields] }),
        }),
      );
    },
    async bulk(items) {
      const operations = items.map(({ id = '', expected = '', data }) => ({
        id,
        expectedVersion: expected,
        ...(data !== undefined && { patch: data as Json[] }),
      }));
      const outcomes = await window.people.bulk.mutate({ tenant, operations });
      return outcomes.map(({ id, version, refusal }): Answer =>
        refusal
          ? { ok: false, code: refusal.code, current: refusal.conflict?.currentVersion }
          : { ok: true, id, ...(version !== undefined && { version }) },
      );
    },
    close: async () => {},
  };
}

interface Written {
  resource: { id: string } & Json;
  version: string;
  changed?: boolean;
}

function refused(error: unknown): Answer {
  if (!(error instanceof TRPCClientError)) throw error;
  const refusal = (error.data as { refusal?: Refusal } | undefined)?.refusal;
  if (!refusal) throw error;
  return { ok: false, code: refusal.code, current: refusal.conflict?.currentVersion };
}
