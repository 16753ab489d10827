/**
 * People and groups in and out of the directory as files: CSV, JSON, JSON Lines, and LDIF in. It knows the directory alone.
 */
export type { Mode, Seen } from './decide.ts';
export { exportPieces, exportResources, type ExportOptions, type ExportPiece } from './export.ts';
export type { Counts, ImportOptions, Progress } from './options.ts';
export { planImport, type Plan, type PlanEntry, type PlannedRow } from './plan.ts';
export { formatOf, inspect, readRows, type Inspection } from './read.ts';
export { formats, kinds, type ExportFormat, type Format, type Kind, type Problem, type Row, type Source } from './row.ts';
export { runImport, type Checkpoint, type ImportResult, type Journal } from './run.ts';
export { suggestMapping, type Mapping } from './suggest.ts';
export type { Job, JobState } from './job.ts';
export { ImportJobs } from './jobs.ts';
