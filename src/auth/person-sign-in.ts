import PQueue from 'p-queue';
import type { Directory } from '../directory/index.ts';
import { findUser, reader } from './accounts.ts';
import { Attempts } from './attempts.ts';
import type { AuthSettings } from './auth.ts';

/** A hash takes 32 MB and some hundredths of a second; more at once would let anybody fill the memory. */
const checksAtOnce = 2;
const checksWaitingMax = 20;

/** Who a person turned out to be, or why that could not be found out. */
export type SignedIn =
  | { kind: 'in'; account: string }
  /** No such person, or not this password: which of both is not told. */
  | { kind: 'wrong' }
  | { kind: 'locked'; seconds: number; by: 'account' | 'address' | 'load' };

/** Sign-in with a user name and password of the directory or, where the administrator lets it be, without one in sample data. */
export class PersonSignIn {
  readonly #directory: Directory;
  readonly #settings: AuthSettings;
  readonly #perAccount = new Attempts({ failures: 5, seconds: 300 });
  readonly #perAddress = new Attempts({ failures: 20, seconds: 60 });
  readonly #checks = new PQueue({ concurrency: checksAtOnce });

  constructor(directory: Directory, settings: AuthSettings) {
    this.#directory = directory;
    this.#settings = settings;
  }

  /** The sample tenants in which anybody can sign in as a person who has no password. */
  demoTenants() {
    if (!this.#settings.demoSignIn()) return [];
    return this.#directory.tenants.list().filter(({ sample, state }) => sample && state === 'active');
  }

  /** @param from the address that the form came from. */
  async withPassword(tenant: string, userName: string, password: string, from: string): Promise<SignedIn> {
    return this.#limited(`${tenant} ${userName.toLowerCase()}`, from, async () => {
      const user = await findUser(this.#directory, tenant, userName);
      // Also for nobody, in a tenant that always exists, so that the time does not tell who there is.
      const actor = reader(user ? tenant : 'default');
      const isRight = await this.#checks.add(() => this.#directory.verifyPassword(actor, user?.id, password));
      return isRight === true ? user?.account : undefined;
    });
  }

  /** In sample data, without a password; not for who has one. */
  async asDemo(tenant: string, userName: string, from: string): Promise<SignedIn> {
    return this.#limited(`${tenant} ${userName.toLowerCase()}`, from, async () => {
      if (!this.demoTenants().some(({ id }) => id === tenant)) return undefined;
      const user = await findUser(this.#directory, tenant, userName);
      return user?.hasPassword === false ? user.account : undefined;
    });
  }

  async #limited(who: string, from: string, check: () => Promise<string | undefined>): Promise<SignedIn> {
    const byAccount = this.#perAccount.waitFor(who);
    if (byAccount !== undefined) return { kind: 'locked', seconds: byAccount, by: 'account' };
    const byAddress = this.#perAddress.waitFor(from);
    if (byAddress !== undefined) return { kind: 'locked', seconds: byAddress, by: 'address' };
    if (this.#checks.size >= checksWaitingMax) return { kind: 'locked', seconds: 5, by: 'load' };
    // Counted before it is known, or many tries at once would all come through.
    this.#perAccount.failed(who);
    this.#perAddress.failed(from);
    const account = await check();
    if (account === undefined) return { kind: 'wrong' };
    this.#perAccount.succeeded(who);
    this.#perAddress.succeeded(from);
    return { kind: 'in', account };
  }
}
