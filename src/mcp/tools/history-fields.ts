/** What the tools about versions have in common. */
import { z } from 'zod';

/** Who made a version, and when. */
export const version = {
  version: z.string().describe('Raw version.'),
  when: z.string(),
  actor: z.looseObject({ id: z.string(), name: z.string(), kind: z.string(), door: z.string() }),
};

export const change = z.looseObject({
  path: z.string(),
  before: z.unknown().optional().describe('Absent where it was not assigned.'),
  after: z.unknown().optional().describe('Absent where it is not assigned.'),
});

/** A raw version from the history. */
export function pastVersion(what: string) {
  return z
    .string()
    .min(1)
    .max(200)
    .describe(`${what}: a raw version (without W/ or quotes), from scim_get_history or seen before.`);
}
