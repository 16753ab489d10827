/** How fast a scenario is played. `fast` leaves out every pause that is only there to be watched. */
export const speeds = ['0.5x', '1x', '2x', '4x', 'fast'] as const;
export type Speed = (typeof speeds)[number];

/** A user or group that a scenario is about. */
export interface Subject {
  type: 'User' | 'Group';
  id: string;
  name: string;
}

/** One client of a scenario: an agent with a connection and a key of its own, or the person at the window. */
export interface LaneInfo {
  /** Unique in its run; the history shows it as the author. */
  name: string;
  kind: 'agent' | 'person';
  /** What it does here, in a few words. */
  role: string;
}

export type EventKind = 'phase' | 'read' | 'write' | 'conflict' | 'merge' | 'wait' | 'ask' | 'decide' | 'note' | 'done';

/** Something that happened in a run. */
export interface ScenarioEvent {
  /** From 0, without gaps. */
  seq: number;
  /** Milliseconds since the run began, without the time in which it was paused. */
  at: number;
  /** How long it took, or takes. */
  ms: number;
  /** Absent for what concerns all. */
  lane?: string;
  kind: EventKind;
  /** In plain words; reads on after the name of the lane. */
  text: string;
  resource?: Subject;
  /** SCIM path. */
  field?: string;
}

/** What came of a run, or of one way to do it. */
export interface Figures {
  /** Writes that were sent, those after a refusal included. */
  attempts: number;
  /** Writes that the server acknowledged. */
  acknowledged: number;
  /** Writes that were refused since somebody else had written before. */
  conflicts: number;
  /** Attempts beyond the first, for each acknowledged write. */
  retriesPerSuccess: number;
  /** Acknowledged writes that are not in the directory at the end, and that nobody has overwritten knowingly. */
  lostUpdates: number;
  /** Without pauses. */
  ms: number;
}

export interface FiguresRow extends Figures {
  name: string;
}

/** An acknowledged update that is gone. */
export interface LostUpdate {
  resource: Subject;
  /** SCIM path. */
  field: string;
  /** Whose it was. */
  by: string;
  /** Who undid it without knowing; absent if that cannot be told. */
  overwrittenBy?: string;
}

export interface ScenarioResult extends Figures {
  /** One for each way, where the scenario has several. */
  rows: FiguresRow[];
  /** The lost updates, as far as they can be named. */
  lost: LostUpdate[];
}

export type RunState = 'running' | 'paused' | 'done' | 'failed' | 'stopped';

/** A run as it is now. */
export interface RunSnapshot {
  id: string;
  scenario: string;
  title: string;
  /** The tenant that was made for it. */
  tenant: string;
  state: RunState;
  speed: Speed;
  /** Milliseconds since it began, without pauses. */
  elapsedMs: number;
  lanes: LaneInfo[];
  /** Whether it can go on from a checkpoint after it was stopped. */
  resumable: boolean;
  /** Once it is done. */
  result?: ScenarioResult;
  /** Why it failed, in a sentence. */
  error?: string;
}

/** What a watcher is told: the run, and the events from `from` on. */
export interface RunUpdate {
  run: RunSnapshot;
  from: number;
  events: ScenarioEvent[];
}
