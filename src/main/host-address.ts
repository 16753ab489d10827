import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StartError } from './start-error.ts';

/** How other processes of the same user reach the host that runs on a data folder. Kept in `host.json`, mode 0600. */
const hostSchema = z.object({ origin: z.url(), controlKey: z.string().min(20), pid: z.int() });
export type HostAddress = z.infer<typeof hostSchema>;

/** What a bridge on standard input and output asks of the host: a key for its tenant, and where it is good. */
export const stdioKey = {
  input: z.object({ tenant: z.string(), readOnly: z.boolean().optional() }),
  output: z.object({ key: z.string(), mcp: z.url() }),
};

/** Where the host that holds a data folder is reached; undefined if it has not said so (yet). */
export function readHostAddress(path: string): HostAddress | undefined {
  try {
    return hostSchema.parse(JSON.parse(readFileSync(join(path, 'host.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Nothing answers where the host was. */
export class HostGone extends StartError {}

/**
 * Asks a host as this user's own command.
 * @throws HostGone if nothing answers there, StartError with its reason if it refuses.
 */
export async function postToHost(host: HostAddress, name: string, input: object, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(`${host.origin}/control/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${host.controlKey}` },
    body: JSON.stringify(input),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw new HostGone('Tandem runs on this data folder but does not answer. Try again, or restart it.', { cause: error });
  });
  if (response.ok) return response;
  const refusal = z.object({ message: z.string() }).catch({ message: 'Tandem refused.' });
  throw new StartError(refusal.parse(await response.json()).message);
}
