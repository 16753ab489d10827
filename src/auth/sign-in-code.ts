import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

const triesPerRequest = 5;
const triesPerMinute = 20;
/** Without letters and digits that are mistaken for each other. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** The code with which the administrator signs in to a consent page. New at each start; wrong tries are counted. */
export class SignInCode {
  readonly text = `${group()}-${group()}`;
  #recentTries: number[] = [];

  /**
   * @param request counts the tries for one request; the same object each time.
   * @returns `locked` if there were too many tries, whatever the code.
   */
  check(given: string, request: { tries: number }): 'right' | 'wrong' | 'locked' {
    const now = Date.now();
    this.#recentTries = this.#recentTries.filter((at) => at > now - 60_000);
    if (request.tries >= triesPerRequest || this.#recentTries.length >= triesPerMinute) return 'locked';
    if (sameText(plain(given), plain(this.text))) return 'right';
    request.tries++;
    this.#recentTries.push(now);
    return 'wrong';
  }
}

function group(): string {
  return Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function plain(code: string): string {
  return code.toUpperCase().replaceAll(/[\s-]/g, '');
}

/** Compares secrets in a time that does not tell how much of them is the same. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
