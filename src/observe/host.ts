/** What only the host of a directory tells about itself: files of the log, the activity of a day, alarms, metrics. */
export { openActivity } from './activity-file.ts';
export type { ActivityPoint, ActivityReport, ActivityRow, Figures } from './activity.ts';
export type { ModelRow, TaskRow } from './assistant-activity.ts';
export type { Now } from './now.ts';
export { alarmRules, Alarms, type Alarm, type AlarmFacts, type AlarmRules } from './alarms.ts';
export { exportMetrics } from './export-metrics.ts';
export { exportTraces } from './export-traces.ts';
export { HealthCheck, type Health, type PartHealth, type PartName } from './health.ts';
export { Limits, type LimitName, type Quota } from './limits.ts';
export { openJournal, type Journal, type LogLine, type LogPage, type LogQuery } from './journal.ts';
export { Metrics, type MeteredRequest, type ReadFigure, type ReadMetric, type Sample } from './metrics.ts';
