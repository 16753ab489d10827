import { DirectoryError, type Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import type { AccessKeys } from './access-keys.ts';
import { isActiveAccount } from './accounts.ts';
import type { Agents } from './agents.ts';
import type { Access } from './auth.ts';
import type { AuthStore } from './store.ts';

interface Parts {
  directory: Directory;
  store: AuthStore;
  keys: AccessKeys;
  agents: Agents;
  log: Log;
}

/**
 * Which access still stands. Requests that run on, such as streams, watch theirs and are ended at once when it falls: because
 * it was revoked, its tenant suspended or deleted, its person or its Agent made inactive or deleted.
 */
export class Standing implements Access {
  readonly #directory: Directory;
  readonly #store: AuthStore;
  readonly #keys: AccessKeys;
  readonly #agents: Agents;
  readonly #log: Log;
  readonly #watches = new Set<{ access: string; end: () => void }>();
  /** Accounts with grants whose person is inactive. */
  readonly #inactive = new Set<string>();
  readonly #stops: (() => void)[];
  #checking: NodeJS.Immediate | undefined;
  onCalled: ((access: string) => void) | undefined;

  private constructor(options: Parts) {
    const { directory, store } = options;
    this.#directory = directory;
    this.#store = store;
    this.#keys = options.keys;
    this.#agents = options.agents;
    this.#log = options.log;
    this.#stops = [
      store.onEnded(() => this.check()),
      directory.tenants.onState(() => this.check()),
      directory.onChange(({ tenant, type, id }) => {
        const account = `${tenant}/${id}`;
        if (type === 'User' && store.accounts.has(account)) void this.#look(account);
      }),
    ];
  }

  /** Looks first whose person has become inactive, or is gone, since the last run. */
  static async open(options: Parts): Promise<Standing> {
    const standing = new Standing(options);
    for (const account of options.store.accounts) await standing.#look(account);
    return standing;
  }

  async #look(account: string): Promise<void> {
    try {
      const state = await isActiveAccount(this.#directory, account);
      if (state === 'gone') await this.#store.endGrants((grant) => grant.account === account);
      if (state === 'inactive') this.#inactive.add(account);
      else this.#inactive.delete(account);
    } catch (error) {
      // Who cannot be looked up is not let in.
      this.#inactive.add(account);
      this.#log.error({ err: error, account }, 'whether a person with access is active cannot be told');
    }
    this.check();
  }

  /** Whether the grant is there, and its person and its client active; its tenant may be suspended, which doors tell in their own words. */
  isGranted(grantId: string): boolean {
    const grant = this.#store.grant(grantId);
    if (grant === undefined || this.#inactive.has(grant.account)) return false;
    return !this.#agents.isOff(grant.clientId, grant.tenant) && this.#directory.tenants.exists(grant.tenant);
  }

  stands(access: string): boolean {
    const tenant = this.#tenantOf(access);
    return tenant !== undefined && this.#isOpen(tenant);
  }

  #tenantOf(access: string): string | undefined {
    if (!access.startsWith('grant:')) return this.#keys.tenantOf(access);
    const id = access.slice('grant:'.length);
    return this.isGranted(id) ? this.#store.grant(id)?.tenant : undefined;
  }

  #isOpen(tenant: string): boolean {
    try {
      return this.#directory.tenants.get(tenant).state === 'active';
    } catch (error) {
      if (error instanceof DirectoryError) return false;
      throw error;
    }
  }

  watch(access: string, end: () => void): () => void {
    const watch = { access, end };
    this.#watches.add(watch);
    return () => void this.#watches.delete(watch);
  }

  called(access: string): void {
    this.onCalled?.(access);
  }

  /** Ends, once the present work is done, what watches access that stands no more. */
  check(): void {
    this.#checking ??= setImmediate(() => {
      this.#checking = undefined;
      for (const watch of this.#watches) {
        if (this.stands(watch.access)) continue;
        this.#watches.delete(watch);
        watch.end();
      }
    });
  }

  close(): void {
    clearImmediate(this.#checking);
    for (const stop of this.#stops) stop();
    this.#watches.clear();
  }
}
