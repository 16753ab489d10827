import { z } from 'zod';
import type { Auth, ConnectedClient } from '../auth/index.ts';
import { callLimitsSchema, commandLine, toolsets } from '../directory/index.ts';

const id = z.string();

/** What the command line may ask of the host about clients, access keys and signing keys (control.ts). */
export const clientRequests = {
  'client-list': { input: z.object({}), output: z.custom<ConnectedClient[]>() },
  'client-add': {
    input: z.object({
      name: z.string(),
      kind: z.enum(['confidential', 'public']),
      redirects: z.array(z.string()),
      signOutRedirects: z.array(z.string()),
    }),
    output: z.object({ id: z.string(), secret: z.string().optional() }),
  },
  'client-rename': { input: z.object({ id, name: z.string() }), output: z.object({}) },
  'client-toolsets': { input: z.object({ id, toolsets: z.array(z.enum(toolsets)).optional() }), output: z.object({}) },
  'client-limit': { input: z.object({ id, limits: callLimitsSchema }), output: z.object({}) },
  'client-revoke': { input: z.object({ id }), output: z.object({}) },
  'client-rotate': {
    input: z.object({ id, minutes: z.number() }),
    output: z.object({ key: z.string(), previousUntil: z.string().optional() }),
  },
  'keys-rotate': { input: z.object({}), output: z.object({ id: z.string() }) },
};
type ClientRequests = typeof clientRequests;
type ClientHandlers = {
  [N in keyof ClientRequests]: (input: z.infer<ClientRequests[N]['input']>) => Promise<z.infer<ClientRequests[N]['output']>>;
};

/** What a host does for `tandem client` and `tandem keys`, and what those do themselves where no host runs. */
export function clientHandlers({ clients, signingKeys }: Pick<Auth, 'clients' | 'signingKeys'>): ClientHandlers {
  return {
    'client-list': async () => clients.list(),
    'client-add': (app) => clients.register(app, commandLine),
    async 'client-rename'({ id: client, name }) {
      await clients.rename(client, name, commandLine);
      return {};
    },
    async 'client-toolsets'({ id: client, toolsets: chosen }) {
      await clients.chooseToolsets(client, chosen, commandLine);
      return {};
    },
    async 'client-limit'({ id: client, limits }) {
      await clients.limit(client, limits, commandLine);
      return {};
    },
    async 'client-revoke'({ id: client }) {
      await clients.revoke(client, commandLine);
      return {};
    },
    'client-rotate': ({ id: client, minutes }) => clients.rotate(client, minutes, commandLine),
    async 'keys-rotate'() {
      await signingKeys.rotate(commandLine);
      return { id: signingKeys.state().id };
    },
  };
}
