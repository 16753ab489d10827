import { figures, type Activity } from './activity.ts';

/** From which values on an alarm is raised, where the settings say nothing else. */
export const alarmRules = {
  /** Calls of the last five minutes without which their shares say nothing. */
  callsMin: 20,
  minutes: 5,
  /** Of all calls: those that failed by a fault of Tandem's. */
  failedShare: 0.05,
  p95Ms: 1000,
  writesWaiting: 2000,
  diskFreeBytes: 500 * 1024 * 1024,
} as const;

/** What the settings can say of it. */
export type AlarmRules = { [Name in 'failedShare' | 'p95Ms' | 'writesWaiting' | 'diskFreeBytes']: number };

export type AlarmId = 'errors' | 'slow' | 'queue' | 'disk' | 'event-stream' | 'settings';

/** Something that a person should look at. */
export interface Alarm {
  id: AlarmId;
  /** RFC 3339, UTC. */
  since: string;
  /** For a person: what is wrong, and what to do. */
  message: string;
}

/** What alarms are about, beside what was called. */
export interface AlarmFacts {
  /** Bytes that are free in the data folder; undefined where that is not known. */
  diskFree: number | undefined;
  /** Receivers of change events to whom nothing is sent any more. */
  stoppedStreams: number;
  writesWaiting: number;
  /** What is wrong with the settings that were edited on the disk. */
  settingsProblem: string | undefined;
}

/** Raises alarms and takes them back. */
export class Alarms {
  readonly #activity: Activity;
  readonly #raised = new Map<AlarmId, Alarm>();
  readonly #rules: () => AlarmRules;
  readonly #told: (alarm: Alarm, isOver: boolean) => void;

  /** @param rules asked at each check. @param told is called when one is raised, and when it is over. */
  constructor(activity: Activity, rules: () => AlarmRules, told: (alarm: Alarm, isOver: boolean) => void) {
    this.#activity = activity;
    this.#rules = rules;
    this.#told = told;
  }

  list(): Alarm[] {
    return [...this.#raised.values()];
  }

  check(facts: AlarmFacts): void {
    const wanted = this.#messages(facts);
    for (const [id, message] of Object.entries(wanted) as [AlarmId, string | undefined][]) {
      const raised = this.#raised.get(id);
      if (message === undefined) {
        if (!raised) continue;
        this.#raised.delete(id);
        this.#told(raised, true);
      } else {
        const alarm = { id, since: raised?.since ?? new Date().toISOString(), message };
        this.#raised.set(id, alarm);
        if (!raised) this.#told(alarm, false);
      }
    }
  }

  #messages({ diskFree, stoppedStreams, writesWaiting, settingsProblem }: AlarmFacts): Record<AlarmId, string | undefined> {
    const { callsMin, minutes } = alarmRules;
    const { failedShare, p95Ms, ...rules } = this.#rules();
    const { calls, failed, p95 = 0 } = figures(this.#activity.sum(minutes));
    const isEnough = calls >= callsMin;
    const share = isEnough ? failed / calls : 0;
    const percent = (share * 100).toFixed(share < 0.1 ? 1 : 0);
    return {
      errors:
        share > failedShare ? `${percent} % of the calls of the last ${minutes} minutes failed. The log says why.` : undefined,
      slow:
        isEnough && p95 > p95Ms
          ? `One call in twenty took longer than ${(p95 / 1000).toFixed(1)} seconds in the last ${minutes} minutes.`
          : undefined,
      queue:
        writesWaiting > rules.writesWaiting
          ? `${writesWaiting.toLocaleString('en')} changes wait to be written. The disk may be slow or busy.`
          : undefined,
      disk:
        diskFree !== undefined && diskFree < rules.diskFreeBytes
          ? `Only ${Math.floor(diskFree / 1024 / 1024).toLocaleString('en')} MB are free where the directory is kept. Make room, or changes will be refused.`
          : undefined,
      'event-stream':
        stoppedStreams > 0
          ? `${stoppedStreams === 1 ? 'One receiver of changes gets' : `${stoppedStreams} receivers of changes get`} nothing any more. See “Change events” under “Manage tenants”.`
          : undefined,
      settings:
        settingsProblem === undefined
          ? undefined
          : `The settings that were edited on the disk are not valid, so those of before hold on. ${settingsProblem}`,
    };
  }
}
