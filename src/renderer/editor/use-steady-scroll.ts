import { useEffect, type RefObject } from 'react';

/**
 * Keeps what the person works at where it is on the screen, when a banner above it comes, grows or goes. What would then
 * lie behind the banner is brought into sight.
 * @param above what may change its height; @param below holds the part that scrolls.
 */
export function useSteadyScroll(above: RefObject<HTMLElement | null>, below: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = above.current;
    if (!element) return;
    let height = element.offsetHeight;
    const observer = new ResizeObserver(() => {
      const grown = element.offsetHeight - height;
      height = element.offsetHeight;
      const scroller = below.current?.querySelector<HTMLElement>('.scroll');
      const focused = document.activeElement;
      if (!scroller || !(scroller.scrollTop > 0 || scroller.contains(focused))) return;
      scroller.scrollTop += grown;
      if (focused && scroller !== focused && scroller.contains(focused)) focused.scrollIntoView({ block: 'nearest' });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [above, below]);
}
