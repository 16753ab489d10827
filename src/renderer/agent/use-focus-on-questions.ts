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
    const { activeElement } = document;
    const isNowhere = activeElement === document.body || activeElement === null;
    if (before.current !== undefined && before.current !== asked && isNowhere) answeredAt.current = performance.now();
    before.current = asked;
    const isSoon = performance.now() - answeredAt.current < soonMs;
    const isReady = activeElement === input.current && input.current?.value === '';
    if (asked === undefined) {
      if (isSoon && isNowhere) input.current?.focus();
    } else if ((isSoon && isNowhere) || isReady) {
      let frames = 0;
      const focus = () => {
        const question = log.current?.querySelector<HTMLElement>(`[data-question="${CSS.escape(asked)}"]`);
        // A row is drawn once the list has measured itself.
        if (!question && ++frames < framesMax) return void (frame = requestAnimationFrame(focus));
        // Not a button: whoever presses Enter at this moment has not read what it does.
        (question?.querySelector<HTMLElement>('input, textarea') ?? question)?.focus({ preventScroll: true });
      };
      let frame = requestAnimationFrame(focus);
      return () => cancelAnimationFrame(frame);
    }
  }, [asked, log, input]);
}
