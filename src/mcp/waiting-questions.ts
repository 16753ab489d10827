import { Refusal } from './result.ts';

const ofOneMax = 128;
const totalMax = 1024;

/** Counts the questions for whose answer a call waits here (2025 era), so that they cannot be without end. */
export class WaitingQuestions {
  readonly #byOwner = new Map<string, number>();
  #total = 0;

  /** @returns what ends the wait. @throws Refusal TOO_MANY_QUESTIONS. */
  take(owner: string): () => void {
    const own = this.#byOwner.get(owner) ?? 0;
    if (own >= ofOneMax || this.#total >= totalMax)
      throw new Refusal({
        error: `Nothing was done. ${own >= ofOneMax ? `${ofOneMax} questions of yours` : 'Too many questions'} wait for an answer already. Let the person answer some of them first.`,
        error_code: 'TOO_MANY_QUESTIONS',
      });
    this.#byOwner.set(owner, own + 1);
    this.#total++;
    return () => {
      const left = (this.#byOwner.get(owner) ?? 1) - 1;
      if (left === 0) this.#byOwner.delete(owner);
      else this.#byOwner.set(owner, left);
      this.#total--;
    };
  }
}
