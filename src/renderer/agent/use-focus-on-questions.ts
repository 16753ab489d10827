import { useEffect, useRef, type RefObject } from 'react';
import type { Question } from '../../api/index.ts';

/** How long after an answer the next question still belongs to it. */
const soonMs = 4000;
const framesMax = 20;

/**
 * Keeps the keyboard where a person works: from one question to the next that follows it, and back to where they write when
 * there is none. Nobody who writes or reads elsewhere is taken away from there.
 */
export function useFocusOnQuestions(
  asking: readonly Question[],
  log: RefObject<HTMLElement | null>,
  input: RefObject<HTMLTextAreaElement | null>,
): void {
  const asked = asking[0]?.id;
  const before = useRef(asked);
  const answeredAt = useRef(0);
  useEffect(() => {
    const isNowhere = () => document.activeElement === document.body || document.activeElement === null;
    if (before.current !== undefined && before.current !== asked && isNowhere()) answeredAt.current = performance.now();
    before.current = asked;
    const isSoon = performance.now() - answeredAt.current < soonMs;
    // Asked again when there is something to take the keyboard to: meanwhile the person may have begun to write.
    const mayLeave = () => (isSoon && isNowhere()) || (document.activeElement === input.current && input.current?.value === '');
    if (asked === undefined) {
      if (isSoon && isNowhere()) input.current?.focus();
    } else if (mayLeave()) {
      let frames = 0;
      const focus = () => {
        const question = log.current?.querySelector<HTMLElement>(`[data-question="${CSS.escape(asked)}"]`);
        // A row is drawn once the list has measured itself.
        if (!question && ++frames < framesMax) return void (frame = requestAnimationFrame(focus));
        // Not a button: whoever presses Enter at this moment has not read what it does.
        if (mayLeave()) (question?.querySelector<HTMLElement>('input, textarea') ?? question)?.focus({ preventScroll: true });
      };
      let frame = requestAnimationFrame(focus);
      return () => cancelAnimationFrame(frame);
    }
  }, [asked, log, input]);
}
