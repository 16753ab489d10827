import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { ResourceNotFoundError, type AuthInfo } from '@modelcontextprotocol/server';
import type { McpAccess } from './door.ts';
import { conflictReportUri, escalationUri, resourceUri } from './scim-resource.ts';
import type { SelectedServer } from './server.ts';
import type { Address, Selection } from './toolsets.ts';

const sessionsMax = 2048;
const idleMs = 30 * 60_000;
const subscriptionsMax = 1000;

interface Session {
  /** Whose session it is; nobody else's requests reach it. */
  owner: string;
  /** Where it began; requests to other addresses do not reach it. */
  address: Address;
  /** Of the tools that it has now. */
  selection: string;
  tenant: string;
  client: string;
  server: SelectedServer['server'];
  select: SelectedServer['select'];
  transport: NodeStreamableHTTPServerTransport;
  subscriptions: Set<string>;
  lastUsed: number;
  /** Requests and streams that are open now. */
  open: number;
  /** The access that used it last; the session ends with it. */
  access?: string;
  unwatch?: () => void;
}

/** The sessions of 2025-era clients: one server and transport each, bounded, ended when idle. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #createServer: (selection: Selection) => SelectedServer;
  readonly #sweep: NodeJS.Timeout;

  constructor(createServer: (selection: Selection) => SelectedServer) {
    this.#createServer = createServer;
    this.#sweep = setInterval(() => this.#endIdle(), 60_000);
    this.#sweep.unref();
  }

  /** @returns the session, unless it is unknown, somebody else's or of another address: all look the same to the caller. */
  find(id: string, owner: string, { toolset, readOnly }: Address): Session | undefined {
    const session = this.#sessions.get(id);
    const isThere = session?.owner === owner && session.address.toolset === toolset && session.address.readOnly === readOnly;
    return isThere ? session : undefined;
  }

  /** Gives each session the tools that it has now, and tells its client where they have changed. */
  select(selectionOf: (session: Pick<Session, 'address' | 'tenant' | 'client'>) => Selection): void {
    for (const session of this.#sessions.values()) {
      const selection = selectionOf(session);
      if (selection.key === session.selection) continue;
      session.selection = selection.key;
      session.select(selection);
    }
  }

  /** Makes a session for an `initialize` request. The one that was idle longest gives way if there are too many. */
  async create(of: Pick<Session, 'owner' | 'tenant' | 'client' | 'address'>, selection: Selection): Promise<Session> {
    const { tenant } = of;
    if (this.#sessions.size >= sessionsMax) await this.#endLongestIdle();
    const { server, select } = this.#createServer(selection);
    const subscriptions = new Set<string>();
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.#sessions.set(id, session),
      onsessionclosed: (id) => {
        session.unwatch?.();
        this.#sessions.delete(id);
      },
    });
    const session: Session = {
      ...of,
      selection: selection.key,
      server,
      select,
      transport,
      subscriptions,
      lastUsed: Date.now(),
      open: 0,
    };
    server.server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
      const ours = [resourceUri(tenant, 'User', ''), resourceUri(tenant, 'Group', ''), escalationUri(tenant, '')];
      const isOurs = uri === conflictReportUri(tenant) || ours.some((beginning) => uri.startsWith(beginning));
      if (!isOurs || subscriptions.size >= subscriptionsMax) throw new ResourceNotFoundError(uri);
      subscriptions.add(uri);
      return {};
    });
    server.server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
      subscriptions.delete(uri);
      return {};
    });
    await server.connect(transport);
    return session;
  }

  /** Ends a session at once when the access that uses it stands no more. */
  keepFor(session: Session, access: string, watcher: Pick<McpAccess, 'watch'>): void {
    if (session.access === access) return;
    session.unwatch?.();
    session.access = access;
    session.unwatch = watcher.watch(access, () => {
      const [id] = [...this.#sessions].find(([, each]) => each === session) ?? [];
      if (id !== undefined) void this.#end(id, session);
    });
  }

  async handle(session: Session, request: IncomingMessage & { auth?: AuthInfo }, response: ServerResponse, body: unknown) {
    session.open++;
    response.once('close', () => {
      session.open--;
      session.lastUsed = Date.now();
    });
    await session.transport.handleRequest(request, response, body);
  }

  /** Tells the sessions of a tenant that subscribed to a resource. */
  notifyUpdated(tenant: string, uri: string): void {
    for (const session of this.#sessions.values())
      if (session.tenant === tenant && session.subscriptions.has(uri))
        session.server.server.sendResourceUpdated({ uri }).catch(() => {});
  }

  /** Tells the sessions of some that a resource that is theirs changed, and with it the list of those that they see. */
  notifyOwners(owners: readonly string[], uri: string): void {
    for (const session of this.#sessions.values()) {
      if (!owners.includes(session.owner)) continue;
      if (session.subscriptions.has(uri)) session.server.server.sendResourceUpdated({ uri }).catch(() => {});
      session.server.sendResourceListChanged();
    }
  }

  /** Tells the sessions of a tenant that the list of resources changed. */
  notifyListChanged(tenant: string): void {
    for (const session of this.#sessions.values()) if (session.tenant === tenant) session.server.sendResourceListChanged();
  }

  counts(): { sessions: number; subscriptions: number } {
    let subscriptions = 0;
    for (const session of this.#sessions.values()) subscriptions += session.subscriptions.size;
    return { sessions: this.#sessions.size, subscriptions };
  }

  #endIdle(): void {
    const limit = Date.now() - idleMs;
    for (const [id, session] of this.#sessions) if (session.open === 0 && session.lastUsed < limit) void this.#end(id, session);
  }

  async #endLongestIdle(): Promise<void> {
    const idle = [...this.#sessions].filter(([, session]) => session.open === 0);
    const [oldest] = (idle.length > 0 ? idle : [...this.#sessions]).toSorted(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (oldest) await this.#end(...oldest);
  }

  async #end(id: string, session: Session): Promise<void> {
    this.#sessions.delete(id);
    session.unwatch?.();
    await session.server.close();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#sessions].map(([id, session]) => this.#end(id, session)));
  }
}
