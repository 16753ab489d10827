/** What Tandem's MCP tools answer, as far as scenarios read it. */
import type { Json } from './record.ts';

export interface ToolAnswer {
  success: boolean;
  content: Json & { error?: string; error_code?: string; conflict?: WireConflict };
  metadata: Json;
}

export interface WireConflict {
  conflict_id: string;
  current_version: string;
  current: Json;
  overlap: boolean;
  overlapping: string[];
  collisions?: { path: string; mine?: unknown; theirs?: unknown }[];
  changes: { path: string; before?: unknown; after?: unknown; actor: { name: string } }[];
  retry_after_ms?: number;
}

export interface Advisory {
  advice: string;
  collision_likelihood: number;
  fields_taken: string[];
}

/** Calls a tool. @throws where the connection fails. */
export type Call = (name: string, args: Json) => Promise<ToolAnswer>;

/** What a caller cannot go on after, in a sentence for people. */
export class ScenarioFailure extends Error {}

/** @returns the content. @throws ScenarioFailure of a refusal. */
export function contentOf({ success, content }: ToolAnswer): Json {
  if (!success) throw new ScenarioFailure(`A call was refused: ${content.error ?? 'no reason was given'}`);
  return content;
}
