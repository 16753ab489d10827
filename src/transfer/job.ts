import type { Counts, ImportOptions, Progress } from './options.ts';
import type { Plan } from './plan.ts';

/**
 * Where an import is. `receiving`: its file comes in pieces. `previewed`: what it would do is known. `interrupted`: the process
 * ended; this, `cancelled` and `failed` can be gone on from.
 */
export type JobState =
  | 'receiving'
  | 'ready'
  | 'previewing'
  | 'previewed'
  | 'running'
  | 'done'
  | 'cancelled'
  | 'failed'
  | 'interrupted';

/** One import, as its folder and everybody who asks knows it. */
export interface Job {
  id: string;
  tenant: string;
  /** What the file is called. */
  name: string;
  size: number;
  /** RFC 3339, UTC. */
  created: string;
  state: JobState;
  options?: ImportOptions;
  progress?: Progress;
  /** What the preview found. */
  plan?: Plan;
  /** What the import did so far. */
  counts?: Counts;
  problemCount?: number;
  /** Why it failed. */
  error?: string;
}
