import type { App } from './app.ts';

const closeMs = 5000;

/** Waits for Ctrl-C, a termination or `ended`, then closes the app, in a bounded time. A second signal ends at once. */
export async function untilEnd(app: App, ended?: Promise<unknown>): Promise<void> {
  await Promise.race([
    new Promise((resolve) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.once(signal, resolve))),
    ended ?? new Promise(() => {}),
  ]);
  const timeout = setTimeout(() => process.exit(1), closeMs);
  timeout.unref();
  await app.close();
  clearTimeout(timeout);
}
