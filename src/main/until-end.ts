import type { App } from './app.ts';

/** Longer than the host waits for what is being answered (app.ts). */
const closeMs = 20_000;
/** A terminal, npm and our scripts may each pass on the same Ctrl-C. */
const sameSignalMs = 1000;

/** Waits for Ctrl-C, a termination or `ended`, then closes the app, in a bounded time. A later second signal ends at once. */
export async function untilEnd(app: App, ended?: Promise<unknown>): Promise<void> {
  let first: number | undefined;
  const signalled = new Promise<void>((resolve) => {
    const onSignal = () => {
      first ??= Date.now();
      if (Date.now() - first > sameSignalMs) process.exit(1);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  });
  await Promise.race([signalled, ended ?? new Promise(() => {})]);
  const timeout = setTimeout(() => process.exit(1), closeMs);
  timeout.unref();
  await app.close();
  clearTimeout(timeout);
}
