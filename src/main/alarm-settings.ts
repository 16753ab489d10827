import { z } from 'zod';
import { alarmRules, type AlarmRules } from '../observe/host.ts';

/** From which values on an alarm is raised (observe/alarms.ts). */
export const alarmSettingsSchema = z.strictObject({
  /** Of all calls, in percent: those that failed by a fault of Tandem's. */
  failed_percent: z.number().min(0.1).max(100).optional(),
  /** The time within which 95 of 100 calls should be answered, in milliseconds. */
  p95_ms: z.int().min(10).max(600_000).optional(),
  /** Changes that wait to be written. */
  writes_waiting: z.int().min(1).max(10_000).optional(),
  /** Room on the disk, in MB. */
  disk_free_mb: z.int().min(10).max(10_000_000).optional(),
});
type AlarmSettings = z.infer<typeof alarmSettingsSchema>;

const mb = 1024 * 1024;

const defaultAlarms: Record<keyof AlarmSettings, number> = {
  failed_percent: alarmRules.failedShare * 100,
  p95_ms: alarmRules.p95Ms,
  writes_waiting: alarmRules.writesWaiting,
  disk_free_mb: alarmRules.diskFreeBytes / mb,
};

/** The settings, with the defaults for what nobody has set. */
export function alarmsOf(settings: AlarmSettings = {}): Record<keyof AlarmSettings, number> {
  return {
    failed_percent: settings.failed_percent ?? defaultAlarms.failed_percent,
    p95_ms: settings.p95_ms ?? defaultAlarms.p95_ms,
    writes_waiting: settings.writes_waiting ?? defaultAlarms.writes_waiting,
    disk_free_mb: settings.disk_free_mb ?? defaultAlarms.disk_free_mb,
  };
}

/** The same, in the units of the alarms. */
export function alarmRulesOf(settings: AlarmSettings | undefined): AlarmRules {
  const { failed_percent: failed, p95_ms: p95Ms, writes_waiting: writesWaiting, disk_free_mb: free } = alarmsOf(settings);
  return { failedShare: failed / 100, p95Ms, writesWaiting, diskFreeBytes: free * mb };
}
