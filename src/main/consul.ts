import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Log } from '../observe/index.ts';

/** How Tandem makes itself known to a Consul agent. Environment variables of Consul's own tools come first. */
export const consulSettings = z.object({
  /** Of the agent's HTTP API, such as `http://127.0.0.1:8500`; `CONSUL_HTTP_ADDR` wins. */
  address: z.string().max(300).optional(),
  /** Where others reach Tandem, if that is through a proxy: Tandem itself answers on 127.0.0.1 only. */
  serviceAddress: z.string().max(300).optional(),
  servicePort: z.int().min(1).max(65_535).optional(),
  /** `user-auth-mcp-server` unless given, as seed 003 registers. */
  name: z
    .string()
    .regex(/^[A-Za-z\d][A-Za-z\d-]{0,62}$/)
    .optional(),
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional(),
});
export type ConsulSettings = z.infer<typeof consulSettings>;

export interface ConsulRegistration {
  /** Takes the registration back, in a bounded time. */
  close(): Promise<void>;
}

const requestMs = 2000;
/** How soon a Consul agent that has forgotten the service, or was not there, hears of it again. */
const renewMs = 10_000;

/**
 * Registers Tandem with a Consul agent (seed 003, "Service Registry Integration": name, tags, meta, HTTP check), again whenever the
 * agent has forgotten it, until closed. Nothing depends on it: an agent that does not answer is tried again.
 * @param port where Tandem answers on 127.0.0.1.
 * @returns undefined where no address is configured.
 */
export function registerWithConsul({
  settings = {},
  port,
  version,
  log,
  env = process.env,
  everyMs = renewMs,
}: {
  settings: ConsulSettings | undefined;
  port: number;
  version: string;
  log: Log;
  env?: Record<string, string | undefined>;
  everyMs?: number;
}): ConsulRegistration | undefined {
  const base = addressOf(env['CONSUL_HTTP_ADDR'] ?? settings.address, log);
  if (!base) return undefined;
  const address = settings.serviceAddress ?? '127.0.0.1';
  const servicePort = settings.servicePort ?? port;
  const id = settings.id ?? `user-auth-${port}`;
  const token = env['CONSUL_HTTP_TOKEN'];
  const service = {
    ID: id,
    Name: settings.name ?? 'user-auth-mcp-server',
    Address: address,
    Port: servicePort,
    Tags: ['mcp', 'ai-discoverable', 'authentication'],
    Meta: { protocol: 'mcp-2024-11-05', domain: 'authentication', type: 'core-business-logic', path: '/mcp', version },
    Check: {
      Name: 'Tandem takes requests',
      HTTP: `http://${address}:${servicePort}/health/ready`,
      Interval: '10s',
      Timeout: '3s',
      DeregisterCriticalServiceAfter: '10m',
    },
  };
  const closing = new AbortController();
  const ask = async (method: 'GET' | 'PUT', path: string, body?: object): Promise<number> => {
    const response = await fetch(new URL(path, base), {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(requestMs),
      headers: {
        ...(token !== undefined && token !== '' && { 'x-consul-token': token }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    await response.body?.cancel();
    return response.status;
  };
  let isRegistered = false;
  let told: string | undefined;
  const tell = (state: string, problem?: unknown) => {
    if (state === told) return;
    told = state;
    if (problem === undefined) log.info({ consul: base.host, service: id }, state);
    else log.warn({ consul: base.host, service: id, problem }, state);
  };
  const renew = async () => {
    try {
      if ((await ask('GET', `/v1/agent/service/${encodeURIComponent(id)}`)) === 200 && isRegistered) return;
      const status = await ask('PUT', '/v1/agent/service/register?replace-existing-checks=true', service);
      isRegistered = status === 200;
      if (isRegistered) tell('Tandem is registered with Consul');
      else tell('Consul refused the registration', `HTTP ${status}`);
    } catch (error) {
      isRegistered = false;
      tell('Consul does not answer', error instanceof Error ? error.message : String(error));
    }
  };
  const running = (async () => {
    while (!closing.signal.aborted) {
      await renew();
      await sleep(everyMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  })();
  return {
    async close() {
      closing.abort();
      await running;
      try {
        await ask('PUT', `/v1/agent/service/deregister/${encodeURIComponent(id)}`);
      } catch (error) {
        log.warn({ err: error }, 'the registration with Consul could not be taken back');
      }
    },
  };
}

/** As Consul's own tools read it: a host and a port, or a URL. */
function addressOf(text: string | undefined, log: Log): URL | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    const url = new URL(/^https?:\/\//.test(text) ? text : `http://${text}`);
    if (url.hostname !== '') return url;
  } catch {
    // Said below.
  }
  log.warn({ address: text }, 'the address of Consul is not one: write it as http://127.0.0.1:8500');
  return undefined;
}
