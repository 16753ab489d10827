/** The system's keychain, as far as it is used here. */
interface Keychain {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

export const keychainService = 'Tandem';
const keychainMs = 2000;

/** Loaded late: its native part cannot even be loaded where the system's secret library is missing. */
export async function loadKeychain(): Promise<Keychain> {
  const { default: keytar } = (await import('keytar')) as unknown as { default: Keychain };
  return keytar;
}

/** @throws if a keychain does not answer, as one does that waits for a person who is not there. */
export function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error('the keychain does not answer')), keychainMs);
    work.then(resolve, reject).finally(() => clearTimeout(timeout));
  });
}
