import { enterpriseUrn, userUrn, type Json } from './record.ts';
import type { Stage } from './stage.ts';

/** A demonstration that can be played. */
export interface Scenario {
  /** As the command line names it. */
  name: string;
  title: string;
  /** What it shows, in one sentence. */
  sentence: string;
  /** How many agents take part, where one can choose. */
  agents?: { min: number; max: number; usual: number };
  /** Whether it can go on after it was stopped. */
  resumable?: true;
  /** Plays it. What it throws ends the run. */
  play(stage: Stage): Promise<void>;
}

/** A person to begin with. @param more further attributes; those of the enterprise extension under its URN. */
export function someone(displayName: string, more: Json = {}): Json {
  const plain = displayName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.');
  return {
    schemas: more[enterpriseUrn] === undefined ? [userUrn] : [userUrn, enterpriseUrn],
    userName: `${plain}@scenario.example`,
    displayName,
    active: true,
    ...more,
  };
}
