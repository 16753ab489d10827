/** How long the server of a call may say nothing. */
const silentMs = 60_000;

/** Aborts a call whose server has been silent for too long; a person may take their time. */
export class Silence {
  /** The longest that a timer can be set to. */
  static readonly never = 2_147_483_647;
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #waits = 0;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#abort.signal]);
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    if (this.#waits > 0) return;
    const seconds = silentMs / 1000;
    this.#timer = setTimeout(() => this.#abort.abort(new Error(`the server was silent for ${seconds} seconds`)), silentMs);
  }

  pause(waits: boolean): void {
    this.#waits += waits ? 1 : -1;
    this.heard();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
