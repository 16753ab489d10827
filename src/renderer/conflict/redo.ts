import { isComplex, type Collision } from '../../directory/pure.ts';

/**
 * The request with which the agent makes its change again on the person's version, as it understands it
 * (src/assistant/offline/intent.ts). Pure.
 * @param version the one that the person has saved.
 * @returns undefined where a value cannot be said in a sentence.
 */
export function redoRequest(collisions: readonly Collision[], version: string): string | undefined {
  const wishes = collisions.map(({ path, theirs }) => {
    if (theirs === undefined) return `${path} = nothing`;
    if (Array.isArray(theirs) || isComplex(theirs)) return undefined;
    if (typeof theirs === 'boolean') return `${path} = ${theirs}`;
    return typeof theirs === 'string' && !/[“”]/.test(theirs) ? `${path} = “${theirs}”` : undefined;
  });
  return wishes.includes(undefined)
    ? undefined
    : `Do your change again on my version: ${wishes.join(', ')} at version ${version}`;
}
