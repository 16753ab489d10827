import type { Collision, Json } from '../../directory/pure.ts';

/** A field that the agent had changed, and to what; nothing, where it has no value. */
export interface Redone {
  path: string;
  value?: string | boolean;
}

/**
 * What the agent had made of the fields that both changed. Pure.
 * @returns undefined where a value is neither a text nor yes or no.
 */
export function redone(collisions: readonly Collision[]): Redone[] | undefined {
  const fields = collisions.map(({ path, theirs }) => {
    if (theirs === undefined) return { path };
    return isPlain(theirs) ? { path, value: theirs } : undefined;
  });
  return fields.every((field) => field !== undefined) ? fields : undefined;
}

function isPlain(value: Json): value is string | boolean {
  return typeof value === 'string' || typeof value === 'boolean';
}

/**
 * The request with which the agent makes its change again on the person's version, as it understands it
 * (src/assistant/offline/intent.ts). Pure.
 * @param version the one that the person has saved.
 * @returns undefined where a value cannot be said in a sentence.
 */
export function redoRequest(collisions: readonly Collision[], version: string): string | undefined {
  const wishes = redone(collisions)?.map(({ path, value }) => {
    if (value === undefined) return `${path} = nothing`;
    if (typeof value === 'boolean') return `${path} = ${value}`;
    return /[“”]/.test(value) ? undefined : `${path} = “${value}”`;
  });
  return wishes === undefined || wishes.includes(undefined)
    ? undefined
    : `Do your change again on my version: ${wishes.join(', ')} at version ${version}`;
}
