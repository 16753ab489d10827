import { createParser } from 'eventsource-parser';
import Fastify from 'fastify';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { startService, type TestService } from '../src/assistant/contexts/test-service.ts';
import type { RestCaller } from '../src/assistant/rest/ground.ts';
import { createRestDoor } from '../src/assistant/rest/door.ts';
import { caller, type Call } from './scim-host.ts';

export interface ContextsHost extends TestService {
  /** The door's root. */
  root: string;
  /** As an application by its name; each has a token of this name. */
  as(application: string): Call;
}

/** The REST door over HTTP, on a service with a runner of the test. Tokens are names of applications in the tenant `default`, or `name@tenant`. */
export async function startContexts(
  options: Parameters<typeof startService>[0] & {
    waitMs?: number;
    refusal?: (caller: RestCaller) => { message: string; scope?: string } | undefined;
  },
): Promise<ContextsHost> {
  const started = await startService(options);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const door = createRestDoor({
    service: started.service,
    origin,
    version: '0',
    log: pino({ level: 'silent' }),
    waitMs: options.waitMs ?? 10_000,
    enabled: true,
    async authenticate(token) {
      const [id = '', tenant = 'default'] = token.split('@');
      return id === 'unknown' ? undefined : { tenant, id, name: id, scopes: ['scim:read'], access: `key ${id}` };
    },
    access: { watch: () => () => {}, called: () => {} },
    refusal: options.refusal ?? (() => undefined),
  });
  const fastify = Fastify({ serverFactory: (handler) => server.on('request', handler), bodyLimit: 1024 * 1024 });
  await fastify.register(door.routes);
  await fastify.ready();
  const root = `${origin}/api/v1/mcp`;
  const stop = async () => {
    door.close();
    server.closeAllConnections();
    await fastify.close();
    server.close();
    await started.stop();
  };
  return {
    ...started,
    root,
    as: (application) => {
      const call = caller(root, application);
      return (method, path, body, headers) =>
        call(method, path, body, { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers });
    },
    stop,
    async close() {
      await stop();
      await started.close();
    },
  };
}

export interface ServerEvent {
  id: string;
  event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are held against expectations, not types
  data: any;
}

/**
 * Reads server-sent events.
 * @param isLast ends the reading, and cuts the connection there.
 */
export async function readEvents(
  url: string,
  { token, body, headers = {} }: { token: string; body?: object; headers?: Record<string, string> },
  isLast: (event: ServerEvent, index: number) => boolean = ({ event }) => event === 'end',
): Promise<ServerEvent[]> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream'))
    throw new Error(`no stream: ${response.status} ${await response.text()}`);
  const events: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ id = '', event = '', data }) => void events.push({ id, event, data: JSON.parse(data) }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const last = events.findIndex(isLast);
    if (last < 0) continue;
    // Leaving the loop cuts the connection.
    return events.slice(0, last + 1);
  }
  return events;
}

/** The answer's text as a client puts it together from events, by node. */
export function textOf(events: readonly ServerEvent[]): string {
  const texts = new Map<string, string>();
  for (const { event, data } of events)
    if (event === 'node' && data.node.content_type === 'text') texts.set(data.node.id, data.node.content);
    else if (event === 'delta') texts.set(data.node_id, (texts.get(data.node_id) ?? '').slice(0, data.at) + data.text);
  return [...texts.values()].join('\n\n');
}
