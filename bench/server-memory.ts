/** Loaded into a server that is measured (`--import`): tells what it holds, once all that nobody needs is collected. */
process.on('message', () => {
  globalThis.gc?.();
  // What a first collection has only marked, and what ends in the next turn.
  setTimeout(() => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send?.({ rss, heapUsed, external });
  }, 200);
});
// Being asked is no reason to stay.
process.channel?.unref();
