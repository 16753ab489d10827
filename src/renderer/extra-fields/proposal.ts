import type { MemberType } from '../../directory/pure.ts';

/** A definition as it is pasted. */
export interface Proposal {
  /** For whom it is, where that can be told. */
  type: MemberType | undefined;
  schema: Record<string, unknown>;
}

/**
 * Reads a schema (RFC 7643 §7), or the arguments of `scim_validate_schema_extension`, from JSON; also with the fence around it
 * in which agents write code.
 * @returns undefined where it is neither.
 */
export function readProposal(text: string): Proposal | undefined {
  try {
    const sent: unknown = JSON.parse(text.trim().replace(/^```\w*\n([\s\S]*)\n```$/, '$1'));
    if (!isObject(sent)) return undefined;
    const schema = isObject(sent['schema']) ? sent['schema'] : sent;
    if (!('attributes' in schema)) return undefined;
    const named = sent['resource_type'] ?? /:(User|Group)$/.exec(String(schema['id']))?.[1];
    return { type: named === 'User' || named === 'Group' ? named : undefined, schema };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
