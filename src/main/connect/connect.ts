import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { ClientKind, ClientStatus, ConnectChoice, ConnectService, TestStep } from '../../api/index.ts';
import type { Auth, ConnectedClient } from '../../auth/index.ts';
import type { SeenRequest } from '../../mcp/index.ts';
import { ClientFiles, type PersonalFolders } from './client-files.ts';
import { addressFor, commandFor, entryFor, guidesFor, type Reach } from './guides.ts';
import { recognise } from './recognise.ts';
import { SeenClients } from './seen-clients.ts';
import { testConnection, testerName, type TestTarget } from './test-connection.ts';

interface ConnectOptions {
  reach: Reach;
  folders: PersonalFolders;
  /** Where programs are looked for: `PATH`. */
  searchPath: string;
  auth: {
    clients: Pick<Auth['clients'], 'list'>;
    approvals: Pick<Auth['approvals'], 'pending'>;
    keys: Pick<Auth['keys'], 'issueTemporary'>;
  };
}

const testMs = 60_000;
const clientsMax = 50;
/** Those that matter most to who connects a client, first. */
const states: readonly ClientStatus['state'][] = ['asking', 'connected', 'allowed', 'before'];

/** Connects AI clients: says what each needs, writes its configuration, knows whether it is there, and tries the way it takes. */
export class Connect implements ConnectService {
  readonly #options: ConnectOptions;
  readonly #files: ClientFiles;
  readonly #seen = new SeenClients();
  /** By tenant: one each for as long as Tandem runs. */
  readonly #testKeys = new Map<string, string>();
  readonly #closing = new AbortController();

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#files = new ClientFiles(options.folders);
  }

  /** A client has sent a request. */
  seen(request: SeenRequest): void {
    this.#seen.note(request);
  }

  guides(choice: ConnectChoice) {
    const { reach } = this.#options;
    return Promise.all(
      guidesFor(reach, choice).map(async (guide) => {
        const file = await this.#files.state(guide.kind, entryFor(guide.kind, reach, choice));
        const isInstalled =
          guide.kind === 'claude-code' ? await this.#isOnPath('claude') : await this.#files.isInstalled(guide.kind);
        return { ...guide, ...(file && { file }), ...(isInstalled !== undefined && { isInstalled }) };
      }),
    );
  }

  status(): ClientStatus[] {
    const { clients, approvals } = this.#options.auth;
    const asking = approvals
      .pending()
      .map(({ clientName: name }): ClientStatus => ({ kind: recognise({ name }), name, state: 'asking' }));
    const known = clients.list().flatMap((client) => this.#statusOf(client));
    const order = (a: ClientStatus, b: ClientStatus) =>
      states.indexOf(a.state) - states.indexOf(b.state) || (b.lastCall ?? '').localeCompare(a.lastCall ?? '');
    return [...asking, ...known].toSorted(order).slice(0, clientsMax);
  }

  #statusOf({ id, name, ownName, registration, redirects, tenants, lastUsed, grants }: ConnectedClient): ClientStatus[] {
    const seen = this.#seen.get(id);
    if (registration === 'built-in' || seen?.info === testerName) return [];
    const kind = recognise({
      info: seen?.info,
      // The names of keys are chosen by people, for whatever they are for.
      name: registration === 'document' ? id : registration === 'registered' ? (ownName ?? name) : undefined,
      redirects,
    });
    const shown = registration === 'stdio' && seen?.info !== undefined ? seen.info : name;
    const base = { kind, name: shown, tenant: tenants[0] };
    if (seen) return [{ ...base, state: 'connected', lastCall: seen.at, tool: seen.tool }];
    if (lastUsed !== undefined) return [{ ...base, state: 'before', lastCall: lastUsed }];
    return grants.length > 0 || registration === 'key' ? [{ ...base, state: 'allowed' }] : [];
  }

  previewFile(kind: ClientKind, action: 'add' | 'remove', choice: ConnectChoice) {
    return this.#files.preview(kind, this.#entry(kind, action, choice));
  }

  writeFile(kind: ClientKind, action: 'add' | 'remove', choice: ConnectChoice, version: string) {
    return this.#files.write(kind, this.#entry(kind, action, choice), version);
  }

  undoFile(kind: ClientKind) {
    return this.#files.undo(kind);
  }

  #entry(kind: ClientKind, action: 'add' | 'remove', choice: ConnectChoice): object | undefined {
    return action === 'add' ? entryFor(kind, this.#options.reach, choice) : undefined;
  }

  test(kind: ClientKind, choice: ConnectChoice, signal?: AbortSignal): AsyncGenerator<TestStep> {
    const { reach } = this.#options;
    const target: TestTarget =
      kind === 'claude-desktop'
        ? { kind: 'stdio', command: commandFor(reach, choice) }
        : { kind: 'http', url: addressFor(reach, choice), key: this.#testKey(choice.tenant) };
    const signals = [AbortSignal.timeout(testMs), this.#closing.signal, ...(signal ? [signal] : [])];
    return testConnection(target, AbortSignal.any(signals));
  }

  #testKey(tenant: string): string {
    const name = 'Connection test';
    const key =
      this.#testKeys.get(tenant) ??
      this.#options.auth.keys.issueTemporary({ tenant, scopes: ['scim:read'], name, kind: 'built-in' });
    this.#testKeys.set(tenant, key);
    return key;
  }

  async #isOnPath(program: string): Promise<boolean> {
    const { searchPath, reach } = this.#options;
    const names = reach.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program];
    const places = searchPath.split(delimiter).filter((folder) => folder !== '');
    const found = await Promise.all(
      places.flatMap((folder) =>
        names.map((name) =>
          access(join(folder, name), constants.X_OK).then(
            () => true,
            () => false,
          ),
        ),
      ),
    );
    return found.includes(true);
  }

  /** Ends tests that run. */
  close(): void {
    this.#closing.abort();
  }
}
