import { Notifications } from '@mantine/notifications';
import { useEffect } from 'react';

const control =
  'button, a, input, select, summary, [role="row"], [role="option"], [role="tab"], [role="button"], [role="checkbox"]';
const clickable = `${control}, textarea, label`;

/**
 * What the window says in passing, at its lower edge. It never stands in the way: it fades, and lets the pointer through, as long as
 * the pointer is on its way to something beneath it, or what has the keyboard is there.
 */
export function Notices() {
  useEffect(() => {
    const letThrough = (event: PointerEvent | FocusEvent) => {
      const at = event instanceof PointerEvent ? event : undefined;
      for (const notice of document.querySelectorAll<HTMLElement>('.mantine-Notification-root')) {
        const box = notice.getBoundingClientRect();
        const isInTheWay = at ? isOver(notice, box, at.clientX, at.clientY) : covers(box, document.activeElement, notice);
        notice.toggleAttribute('data-through', isInTheWay);
      }
    };
    document.addEventListener('pointermove', letThrough, { passive: true });
    document.addEventListener('focusin', letThrough);
    return () => {
      document.removeEventListener('pointermove', letThrough);
      document.removeEventListener('focusin', letThrough);
    };
  }, []);
  return <Notifications position="bottom-center" />;
}

/** Whether a notice hides, where the pointer is, what could be clicked there; its own buttons are there to be clicked too. */
function isOver(notice: HTMLElement, box: DOMRect, x: number, y: number): boolean {
  if (x < box.left || x > box.right || y < box.top || y > box.bottom) return false;
  const isOwnButton = [...notice.querySelectorAll('button, a')].some((own) => {
    const { left, right, top, bottom } = own.getBoundingClientRect();
    return x >= left && x <= right && y >= top && y <= bottom;
  });
  if (isOwnButton) return false;
  const beneath = document.elementsFromPoint(x, y).find((element) => element.closest('.mantine-Notifications-root') === null);
  return beneath?.closest(clickable) != null;
}

function covers(box: DOMRect, focused: Element | null, notice: HTMLElement): boolean {
  if (!focused?.matches(control) || notice.contains(focused)) return false;
  const { left, right, top, bottom } = focused.getBoundingClientRect();
  return left < box.right && right > box.left && top < box.bottom && bottom > box.top;
}
