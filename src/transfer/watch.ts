import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from './job.ts';

/** What a window can show of it. */
const betweenMs = 100;

interface Watched {
  get(tenant: string, id: string): Job;
  onChange(listener: (id: string) => void): () => void;
}

/** The job as it is, and whenever it is further, until nothing is under way. @throws DirectoryError NOT_FOUND. */
export async function* watchJob(
  jobs: Watched,
  tenant: string,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Job, void> {
  let isNew = true;
  let wake: (() => void) | undefined;
  const end = jobs.onChange((changed) => {
    if (changed !== id) return;
    isNew = true;
    wake?.();
  });
  const onAbort = () => wake?.();
  signal?.addEventListener('abort', onAbort);
  try {
    for (;;) {
      if (signal?.aborted) return;
      if (isNew) {
        isNew = false;
        const job = jobs.get(tenant, id);
        yield job;
        if (job.state !== 'running' && job.state !== 'previewing') return;
        await sleep(betweenMs);
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    end();
    signal?.removeEventListener('abort', onAbort);
  }
}
