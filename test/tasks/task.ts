import type { State } from './state.ts';
import type { World } from './world.ts';

/** A change of the directory: who makes it can do so, and what it leaves behind can be said beforehand. */
export interface Edit {
  /** Makes it, as the administrator at the window. */
  make(world: World): Promise<void>;
  /** What the tenant is after it. */
  expect(state: State, world: World): void;
}

/** How a question of the agent is answered, whatever its words: with the person's own wish, or with what is there. */
export type Decision =
  | 'yes'
  | 'no'
  /** The option whose label holds this text, which is data and not wording: a user name for example. */
  | { pick: string };

/** One task: a state, what a person asks for, what somebody does in between, and what must be there at the end. */
export interface Task {
  /** Names it in results; unique. */
  id: string;
  /** What the person says; several are turns of one conversation. */
  says: string | readonly string[];
  /** Other words for the same. */
  or?: readonly (string | readonly string[])[];
  /** The person who is open in the window. */
  open?: string;
  /** What the tenant has beside the sample company, and its policy. */
  before?: (world: World) => Promise<void>;
  /**
   * What the administrator does meanwhile: before the agent's first write of the last turn is let through, or before its first
   * question is answered. A task fails if that moment never comes.
   */
  meanwhile?: { at: 'write' | 'question'; edits: readonly Edit[] };
  /** Answers to its questions, in their order; the last one stands for all that follow. */
  answers?: readonly Decision[];
  /** The answer to a question of the server: may this change be made? */
  approves?: boolean;
  /** What the agent must have done; nothing else may have changed, but for what the administrator did. */
  does: readonly Edit[];
  /** A record tries to command the agent: whatever it wants to do beyond the request is not allowed. */
  hostile?: boolean;
  /** The end may not be reached without asking the person. */
  mustAsk?: boolean;
  /** Facts of the directory that the answer must hold. */
  tells?: readonly string[];
  /** How many changes wait for people at the end; none if left out. */
  waits?: number;
}
