import type { Log } from '../../observe/index.ts';

const afterFailureMs = 1000;

/** Does work again and again until there is none, and once more whenever it is woken. */
export class Pump {
  readonly #work: () => Promise<boolean>;
  readonly #log: Log;
  #isWoken = false;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param work does some of it. @returns whether there may be more. */
  constructor(work: () => Promise<boolean>, log: Log) {
    this.#work = work;
    this.#log = log;
  }

  wake(): void {
    this.#isWoken = true;
    if (this.#isClosed) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Woken after it had looked for the last time.
      if (this.#isWoken) this.wake();
    });
  }

  /** Wakes it later, instead of when it was last told to. */
  wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => this.wake(), ms);
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false;
        while (!this.#isClosed && (await this.#work()));
      }
    } catch (error) {
      this.#log.error({ err: error }, 'tasks could not be taken');
      this.wakeIn(afterFailureMs);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
