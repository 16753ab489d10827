import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { Auth } from '../auth/index.ts';
import { callLimitsSchema, DirectoryError, type Directory, type Scope } from '../directory/index.ts';
import type { EventStreams } from '../events/index.ts';
import type { ImportJobs } from '../transfer/index.ts';
import { StartError } from './data-folder.ts';
import { postToHost, readHostAddress, stdioKey, type HostAddress } from './host-address.ts';
import { policyHandlers, policyRequests } from './policy-control.ts';
import { eventHandlers, eventRequests } from './event-control.ts';
import { clientHandlers, clientRequests } from './client-control.ts';
import { tenantHandlers, tenantRequests } from './tenant-control.ts';
import { transferHandlers, transferRequests } from './transfer-control.ts';

const scope = z.enum(['scim:read', 'scim:write', 'scim:admin']);

/** What the command line may ask of the host that runs on the same data folder. Written once, for both ends. */
const requests = {
  'access-key': {
    input: z.object({
      tenant: z.string(),
      scopes: z.array(scope),
      name: z.string(),
      days: z.number().optional(),
      limits: callLimitsSchema.optional(),
    }),
    output: z.object({ key: z.string(), id: z.string() }),
  },
  'stdio-key': stdioKey,
  'open-address': { input: z.object({}), output: z.object({ address: z.url() }) },
  'hand-over': { input: z.object({}), output: z.object({ handedOver: z.boolean() }) },
  ...transferRequests,
  ...tenantRequests,
  ...policyRequests,
  ...eventRequests,
  ...clientRequests,
};
type Requests = typeof requests;
export type Name = keyof Requests;
export type Input<N extends Name> = z.infer<Requests[N]['input']>;
export type Output<N extends Name> = z.infer<Requests[N]['output']>;
export type ControlHandlers = { [N in Name]: (input: Input<N>) => Promise<Output<N>> };

export function createControlKey(): string {
  return randomBytes(32).toString('base64url');
}

/** What a host does for the command line, and what the command line does itself where no host runs. */
export function controlHandlers(options: {
  keys: Auth['keys'];
  auth: Pick<Auth, 'clients' | 'signingKeys'>;
  directory: Directory;
  imports: ImportJobs;
  eventStreams: EventStreams;
  mcp: string;
  openAddress: () => string;
  handOver?: (() => Promise<void>) | undefined;
}): ControlHandlers {
  const { keys, directory } = options;
  return {
    'access-key': (input) => keys.create(input),
    async 'stdio-key'({ tenant, readOnly = false }) {
      const tenants = directory.tenants.list();
      if (!tenants.some(({ id }) => id === tenant))
        throw new StartError(`There is no tenant '${tenant}'. There are: ${tenants.map(({ id }) => id).join(', ')}.`);
      const name = 'AI client on this computer';
      const scopes: Scope[] = readOnly ? ['scim:read'] : ['scim:read', 'scim:write'];
      const key = keys.issueTemporary({ tenant, scopes, name, kind: 'stdio' });
      return { key, mcp: readOnly ? `${options.mcp}/readonly` : options.mcp };
    },
    'open-address': async () => ({ address: options.openAddress() }),
    async 'hand-over'() {
      // After the answer, which closing would cut off.
      if (options.handOver) setTimeout(() => void options.handOver?.(), 20);
      return { handedOver: options.handOver !== undefined };
    },
    ...transferHandlers(options.imports),
    ...tenantHandlers(directory),
    ...policyHandlers(directory),
    ...eventHandlers(options.eventStreams),
    ...clientHandlers(options.auth),
  };
}

/**
 * The host's end: only for who can read `host.json`, which is the user who started the app.
 * @param streams routes that answer with more than one piece of JSON.
 */
export function controlRoutes(
  key: string,
  handlers: ControlHandlers,
  streams: readonly FastifyPluginAsync[],
): FastifyPluginAsync {
  const expected = digest(`Bearer ${key}`);
  return async (fastify) => {
    fastify.addHook('onRequest', async (request, reply) => {
      const { authorization = '', origin } = request.headers;
      if (origin === undefined && timingSafeEqual(digest(authorization), expected)) return;
      await reply.code(401).send({
        error: 'unauthorized',
        message: 'Only the tandem command of this user may ask this.',
      });
    });
    const add = (name: Name) =>
      fastify.post(`/control/${name}`, async (request, reply) => {
        const input = requests[name].input.safeParse(request.body);
        if (!input.success) return reply.code(400).send({ message: z.prettifyError(input.error) });
        try {
          return await (handlers[name] as (given: unknown) => Promise<object>)(input.data);
        } catch (error) {
          if (!(error instanceof DirectoryError || error instanceof StartError)) throw error;
          return reply.code(400).send({ message: error.message });
        }
      });
    for (const name of Object.keys(requests) as Name[]) add(name);
    for (const routes of streams) await fastify.register(routes);
  };
}

/**
 * The command line's end: asks the host that holds a data folder.
 * @throws StartError with the host's reason, or if it does not answer within some seconds.
 */
export async function askHost<N extends Name>(dataDir: string, name: N, input: Input<N>): Promise<Output<N>> {
  const response = await postToHost(await hostOf(dataDir), name, input, AbortSignal.timeout(10_000));
  return requests[name].output.parse(await response.json()) as Output<N>;
}

/**
 * As askHost, of what the host answers as a stream of text.
 * @throws StartError also in the middle, where the host breaks off.
 */
export async function streamFromHost(
  dataDir: string,
  name: 'export' | 'audit-export' | 'audit-verify' | 'scenario',
  input: object,
): Promise<AsyncIterable<Uint8Array>> {
  const { body } = await postToHost(await hostOf(dataDir), name, input);
  return (async function* () {
    try {
      if (body) yield* body;
    } catch (error) {
      throw new StartError('Tandem broke off in the middle. Its log says why; try again.', { cause: error });
    }
  })();
}

/** A host that has just started takes the lock before it can say where it is. */
async function hostOf(dataDir: string): Promise<HostAddress> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const host = readHostAddress(dataDir);
    if (host) return host;
    await sleep(100);
  }
  throw new StartError('Another process holds this data folder but offers nothing. End it, or try again in a moment.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
