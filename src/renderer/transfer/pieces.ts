import type { Unsubscribable } from '@trpc/server/observable';

interface Handlers<T> {
  onData: (piece: T) => void;
  onError: (error: unknown) => void;
  onComplete: () => void;
  onConnectionStateChange: (state: { state: string; error: unknown }) => void;
}

/**
 * Takes all pieces of a text that the host sends.
 * @throws the signal's reason; what the host refuses with; an error where the connection broke off, since the text would then
 *   begin anew.
 */
export async function takePieces<T>(
  subscribe: (handlers: Handlers<T>) => Unsubscribable,
  onPiece: (piece: T) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const subscription = subscribe({
    onData: onPiece,
    onError: reject,
    onComplete: resolve,
    onConnectionStateChange: ({ state, error }) => {
      if (state === 'connecting' && error) reject(error);
    },
  });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    subscription.unsubscribe();
  }
}

const partSize = 1024 * 1024;

/** Joins text into a file, outside of the page's own memory. */
export class FileParts {
  readonly #blobs: Blob[] = [];
  #texts: string[] = [];
  #waiting = 0;
  /** In bytes, of what is joined already. */
  size = 0;

  add(text: string): void {
    this.#texts.push(text);
    this.#waiting += text.length;
    if (this.#waiting >= partSize) this.#join();
  }

  whole(type: string): Blob {
    this.#join();
    return new Blob(this.#blobs, { type });
  }

  #join(): void {
    const blob = new Blob(this.#texts);
    this.#blobs.push(blob);
    this.size += blob.size;
    this.#texts = [];
    this.#waiting = 0;
  }
}

/** Spreadsheets read CSV as UTF-8 only with this mark. The import leaves it out. */
export const csvMark = '\uFEFF';
