import { randomBytes, randomInt } from 'node:crypto';
import { DirectoryError } from '../directory/index.ts';
import { sameText } from './sign-in-code.ts';

const signInMs = 10 * 60_000;
const waitingMax = 500;
const perClientMax = 20;
const triesMax = 5;
/** Without letters and digits that are mistaken for each other. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** Who has asked for a sign-in. */
interface Owner {
  tenant: string;
  id: string;
  name: string;
}

/** A sign-in of a person for a client that wants to know who they are. */
export interface UserSignIn {
  /** In the page's address; whoever has it may sign in, and learns nothing. */
  id: string;
  /** With it the client that began it finishes it. */
  state: string;
  owner: Owner;
  expires: number;
  /** Shown to the person after signing in. */
  code: string;
  tries: number;
  /** The account of who signed in; null for who declined. */
  account?: string | null;
}

/** Sign-ins that clients wait for, in memory: after a restart they begin anew. */
export class UserSignIns {
  readonly #waiting = new Map<string, UserSignIn>();
  readonly #listeners = new Set<() => void>();

  /** @throws DirectoryError UNAVAILABLE if too many wait. */
  begin({ tenant, id, name }: Owner): UserSignIn {
    const now = Date.now();
    for (const [key, { expires }] of this.#waiting) if (expires <= now) this.#waiting.delete(key);
    const own = [...this.#waiting.values()].filter(({ owner }) => owner.tenant === tenant && owner.id === id);
    if (own.length >= perClientMax || this.#waiting.size >= waitingMax)
      throw new DirectoryError('UNAVAILABLE', 'Too many sign-ins wait already. Finish them, or try again in ten minutes.');
    const signIn: UserSignIn = {
      id: randomBytes(18).toString('base64url'),
      state: randomBytes(18).toString('base64url'),
      owner: { tenant, id, name },
      expires: now + signInMs,
      code: Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join(''),
      tries: 0,
    };
    this.#waiting.set(signIn.id, signIn);
    return signIn;
  }

  /** For the page. @returns undefined if it does not wait any more. */
  get(id: string): UserSignIn | undefined {
    const found = this.#waiting.get(id);
    return found && found.expires > Date.now() ? found : undefined;
  }

  /** For the client that began it. @throws DirectoryError NOT_FOUND, of others' too. */
  of({ tenant, id }: Pick<Owner, 'tenant' | 'id'>, state: string): UserSignIn {
    const found = [...this.#waiting.values()].find((each) => sameText(each.state, state));
    if (!found || found.expires <= Date.now() || found.owner.tenant !== tenant || found.owner.id !== id)
      throw new DirectoryError('NOT_FOUND', 'There is no such sign-in, or it took too long. Call start_sign_in for a new one.');
    return found;
  }

  /** @param account null for who declines. @returns false if somebody was first. */
  end(signIn: UserSignIn, account: string | null): boolean {
    if (signIn.account !== undefined || !this.get(signIn.id)) return false;
    signIn.account = account;
    for (const listener of this.#listeners) listener();
    return true;
  }

  /** Resolves when it has ended, or its time is over. Rejects with the signal's reason. */
  ended(signIn: UserSignIn, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (settle: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(check);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const check = () => {
        if (signIn.account !== undefined) stop(resolve);
      };
      const onAbort = () => stop(() => reject(signal.reason as Error));
      const timer = setTimeout(() => stop(resolve), Math.max(0, signIn.expires - Date.now()));
      this.#listeners.add(check);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else check();
    });
  }

  /**
   * Gives the account of who signed in, once.
   * @param code what the page has shown; absent where the client has waited.
   * @returns `kind` `wrong` for another code; undefined where nobody has signed in. @throws DirectoryError DECLINED, NOT_FOUND.
   */
  redeem(signIn: UserSignIn, code: string | undefined): { kind: 'right'; account: string } | { kind: 'wrong' } | undefined {
    if (signIn.account === null) {
      this.#waiting.delete(signIn.id);
      throw new DirectoryError('DECLINED', 'The person did not sign in: they declined.');
    }
    if (signIn.account === undefined) return undefined;
    if (code !== undefined && !sameText(code.toUpperCase().replaceAll(/[\s-]/g, ''), signIn.code)) {
      signIn.tries += 1;
      if (signIn.tries >= triesMax) this.#waiting.delete(signIn.id);
      return { kind: 'wrong' };
    }
    this.#waiting.delete(signIn.id);
    return { kind: 'right', account: signIn.account };
  }
}
