import { DirectoryError } from './errors.ts';
import { revertIn, revertWish, type RevertOperation } from './history/revert.ts';
import { applyMergePatch } from './merge-patch.ts';
import type { MemberWish } from './members.ts';
import { normalise } from './normalise.ts';
import { applyPatch, parsePatch, splitMemberOperations } from './patch.ts';
import type { Member, ResourceType } from './resource.ts';
import type { ResourceSchemas } from './schema.ts';
import type { Key } from './store.ts';
import { parseVersion } from './version.ts';
import { createIn, deleteIn, restoreIn, updateIn, type Make, type Wanted, type WriteScope, type Written } from './write.ts';

/** One write, as a caller asks for it. */
export type WriteOperation = {
  type: ResourceType;
  id: string;
  /** The raw version that the caller has seen; a different current version is a VERSION_MISMATCH. */
  expectedVersion?: string | undefined;
} & (
  | { kind: 'create' | 'recreate'; record: unknown }
  | { kind: 'replace'; record: unknown }
  /** As recreate, with the members and into the groups that the resource had when it was deleted. */
  | { kind: 'restore'; record: unknown }
  /** JSON merge patch, RFC 7396. */
  | { kind: 'mergePatch'; patch: unknown }
  /** SCIM patch, RFC 7644 §3.5.2: the PatchOp message, or the list of its operations. */
  | { kind: 'patch'; body: unknown }
  /** Members of a group that come and go. */
  | { kind: 'members'; add: readonly string[]; remove: readonly string[] }
  | { kind: 'delete' }
  | Omit<RevertOperation, 'type' | 'id'>
);

/** What a write happens in. */
export interface WriteContext extends WriteScope {
  tenant: string;
  schemas: (type: ResourceType) => ResourceSchemas;
  /** Take what Entra ID and Okta really send (normalise.ts, patch.ts). */
  lenient: boolean;
  /** @returns the hash of a password; @throws HashNeeded. */
  hashed: (password: string) => string;
}

/**
 * Performs a write inside a transaction.
 * @returns the resource as it is then; undefined for a deletion.
 * @throws DirectoryError; the transaction must then be undone.
 */
export function perform(context: WriteContext, operation: WriteOperation): Written | undefined {
  try {
    return attempt(context, operation);
  } catch (error) {
    const isKept = error instanceof DirectoryError && (error.conflict || /^(?:APPROVAL_NEEDED|POLICY_REFUSED)$/.test(error.code));
    throw isKept ? error.attempting(operation) : error;
  }
}

function attempt(given: WriteContext, operation: WriteOperation): Written | undefined {
  const { type, id, expectedVersion } = operation;
  const { review } = given;
  const context: WriteContext = {
    ...given,
    review: review && ((proposal) => review({ ...proposal, expectedVersion, follows: proposal.key.id !== id })),
  };
  const key: Key = { tenant: context.tenant, type, id };
  const expected = expectedVersion === undefined ? undefined : parseVersion(expectedVersion);
  switch (operation.kind) {
    case 'create':
    case 'recreate':
      return createIn(context, key, operation.kind, wantedFrom(context, type, operation.record));
    case 'restore':
      return restoreIn(context, key, wantedFrom(context, type, operation.record));
    case 'delete':
      deleteIn(context, key, expected);
      return undefined;
    case 'revert':
      return revertIn(context, key, operation, expected);
    case 'replace':
    case 'mergePatch':
    case 'patch':
    case 'members':
      return updateIn(context, key, operation.kind === 'replace' ? 'replace' : 'patch', expected, wishOf(context, operation));
  }
}

/** Operations that change a resource that is there. */
export type UpdateOperation = Extract<WriteOperation, { kind: 'replace' | 'mergePatch' | 'patch' | 'members' | 'revert' }>;

/**
 * What an operation wants of a resource, told from any version of it.
 * @throws DirectoryError, at once or when it is asked, for what the schemas do not allow.
 */
export function wishOf(context: WriteContext, operation: UpdateOperation): Make {
  const { type } = operation;
  const schemas = context.schemas(type);
  switch (operation.kind) {
    case 'replace': {
      const wanted = wantedFrom(context, type, operation.record);
      return () => wanted;
    }
    case 'mergePatch':
      return (current) => wantedFrom(context, type, applyMergePatch(schemas, current, operation.patch));
    case 'patch': {
      const { members, rest } = splitMemberOperations(parsePatch(schemas, operation.body, { strict: !context.lenient }));
      const wish: MemberWish = members.replaceAll ? { exactly: members.replaceAll } : members;
      return (current) => ({
        ...wantedFrom(context, type, applyPatch(current, rest)),
        ...(type === 'Group' && { members: wish }),
      });
    }
    case 'revert':
      return revertWish(context, operation);
    case 'members':
      return ({ id: _id, ...content }) => ({ content, members: { add: operation.add, remove: operation.remove } });
  }
}

/** A whole record, checked against the schemas. @throws DirectoryError SCHEMA_VIOLATION, TOO_LARGE. */
export function wantedFrom({ schemas, lenient, hashed }: WriteContext, type: ResourceType, record: unknown): Wanted {
  const { content, password } = normalise(schemas(type), record, { coerce: lenient });
  const passwordHash = password === undefined ? undefined : hashed(password);
  if (type !== 'Group') return { content, passwordHash };
  // A group that is sent without members keeps them: who has read it without its 50,000 members does not mean to remove them.
  const { members, ...rest } = content;
  if (!hasMembers(record)) return { content: rest };
  const ids = ((members ?? []) as unknown as Pick<Member, 'value'>[]).map(({ value }) => value);
  return { content: rest, members: { exactly: ids } };
}

function hasMembers(record: unknown): boolean {
  return typeof record === 'object' && record !== null && Object.keys(record).some((key) => key.toLowerCase() === 'members');
}

/** A transaction met a password that is not hashed yet; hashing takes too long to be done inside. */
export class HashNeeded extends Error {
  readonly password: string;

  constructor(password: string) {
    super('a password must be hashed before the transaction');
    this.password = password;
  }
}

/** Whether a write sets a password, which is kept nowhere but as a hash. */
export function carriesPassword(operation: WriteOperation): boolean {
  return /"(?:[^"\\]*:)?password"/i.test(JSON.stringify(operation));
}
