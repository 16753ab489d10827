/** How long the process may be held before others get their turn. */
const heldMs = 12;

/** @returns a function that lets the event loop turn where it was held for some milliseconds since it last did. */
export function createPace(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < heldMs) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now();
        resolve();
      });
    });
  };
}
