/** What only the host of a directory tells about itself: files of the log, the activity of a day, alarms, metrics. */
export { openActivity } from './activity-file.ts';
export type { Activity, ActivityPoint, ActivityReport, ActivityRow, Figures } from './activity.ts';
export { Alarms, type Alarm, type AlarmFacts } from './alarms.ts';
export { openJournal, type Journal, type LogLine, type LogPage, type LogQuery } from './journal.ts';
export { Metrics, type MeteredRequest, type ReadFigure, type ReadMetric, type Sample } from './metrics.ts';
