import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../directory/index.ts';
import { listTools, serverInfo } from './server.ts';
import { instructionsFor, type Selection } from './toolsets.ts';

/** What seed 003 asks with plain `curl`. */
interface Discovery {
  id: string | number;
  method: 'initialize' | 'tools/list';
}

/**
 * Whether a request is one of the two with which a person or a script looks what there is (seed 003): `initialize` and
 * `tools/list`, with empty params, outside a session. No MCP client sends such: each accepts event streams and says which
 * revision it speaks, and is sent to sign in as the specification wants.
 */
export function plainDiscovery({ method: http, headers, body }: FastifyRequest): Discovery | undefined {
  if (http !== 'POST' || headers.accept?.includes('text/event-stream') === true) return undefined;
  if (headers['mcp-session-id'] !== undefined || headers['mcp-protocol-version'] !== undefined) return undefined;
  const { jsonrpc, id, method, params = {} } = (body ?? {}) as Record<string, unknown>;
  if (jsonrpc !== '2.0' || (typeof id !== 'string' && typeof id !== 'number')) return undefined;
  if (method !== 'initialize' && method !== 'tools/list') return undefined;
  const isEmpty = typeof params === 'object' && params !== null && Object.keys(params).length === 0;
  return isEmpty ? { id, method } : undefined;
}

/**
 * Answers it: who the server is and which tools it has, and nothing of anybody's data. It begins no session.
 * @param actor who asks; without one, all tools of the address are told.
 */
export function discover({ id, method }: Discovery, selection: Selection, version: string, actor?: Actor): object {
  const result =
    method === 'tools/list'
      ? { tools: listTools(selection, actor) }
      : {
          protocolVersion: LATEST_PROTOCOL_VERSION,
          capabilities: { tools: {}, resources: {} },
          serverInfo: serverInfo(version),
          instructions: instructionsFor(selection),
        };
  return { jsonrpc: '2.0', id, result };
}
