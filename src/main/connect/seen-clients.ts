import type { SeenRequest } from '../../mcp/index.ts';

/** What was seen of a client since Tandem was started. Times are RFC 3339, UTC. */
export interface Seen {
  /** What it calls itself. */
  info?: string | undefined;
  at: string;
  /** The tool that it called last. */
  tool?: string | undefined;
}

const clientsMax = 1000;

/** Which clients speak MCP with Tandem, in memory, for whoever waits for one to connect. */
export class SeenClients {
  /** Those that were seen last at the end. */
  readonly #clients = new Map<string, Seen>();

  note({ client, info, tool }: SeenRequest): void {
    const before = this.#clients.get(client);
    this.#clients.delete(client);
    this.#clients.set(client, { info: info ?? before?.info, at: new Date().toISOString(), tool: tool ?? before?.tool });
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > clientsMax && oldest !== undefined) this.#clients.delete(oldest);
  }

  get(client: string): Seen | undefined {
    return this.#clients.get(client);
  }
}
