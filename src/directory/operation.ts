import { applyMergePatch } from './merge-patch.ts';
import type { MemberWish } from './members.ts';
import { normalise } from './normalise.ts';
import { applyPatch, parsePatch, splitMemberOperations } from './patch.ts';
import type { Author, Member, ResourceType } from './resource.ts';
import type { ResourceSchemas } from './schema.ts';
import type { Key, Transaction } from './store.ts';
import { parseVersion } from './version.ts';
import { createIn, deleteIn, restoreIn, updateIn, type Wanted, type Written } from './write.ts';

/** One write, as a caller asks for it. */
export type WriteOperation = {
  type: ResourceType;
  id: string;
  /** The raw version that the caller has seen; a different current version is a VERSION_MISMATCH. */
  expectedVersion?: string | undefined;
} & (
  | { kind: 'create' | 'recreate' | 'replace'; record: unknown }
  /** As recreate, with the members and into the groups that the resource had when it was deleted. */
  | { kind: 'restore'; record: unknown }
  /** JSON merge patch, RFC 7396. */
  | { kind: 'mergePatch'; patch: unknown }
  /** SCIM patch, RFC 7644 §3.5.2: the PatchOp message, or the list of its operations. */
  | { kind: 'patch'; body: unknown }
  /** Members of a group that come and go. */
  | { kind: 'members'; add: readonly string[]; remove: readonly string[] }
  | { kind: 'delete' }
);

/** What a write happens in. */
export interface WriteContext {
  transaction: Transaction;
  tenant: string;
  author: Author;
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
  const { transaction, tenant, author } = context;
  const { type, id } = operation;
  const key: Key = { tenant, type, id };
  const expected = operation.expectedVersion === undefined ? undefined : parseVersion(operation.expectedVersion);
  switch (operation.kind) {
    case 'create':
    case 'recreate':
      return createIn(transaction, author, key, operation.kind, wantedFrom(context, type, operation.record));
    case 'restore':
      return restoreIn(transaction, author, key, wantedFrom(context, type, operation.record));
    case 'replace': {
      const wanted = wantedFrom(context, type, operation.record);
      return updateIn(transaction, author, key, 'replace', expected, () => wanted);
    }
    case 'mergePatch':
      return updateIn(transaction, author, key, 'patch', expected, (current) =>
        wantedFrom(context, type, applyMergePatch(context.schemas(type), current, operation.patch)),
      );
    case 'patch': {
      const schemas = context.schemas(type);
      const { members, rest } = splitMemberOperations(parsePatch(schemas, operation.body, { strict: !context.lenient }));
      const wish: MemberWish = members.replaceAll ? { exactly: members.replaceAll } : members;
      return updateIn(transaction, author, key, 'patch', expected, (current) => ({
        ...wantedFrom(context, type, applyPatch(current, rest)),
        ...(type === 'Group' && { members: wish }),
      }));
    }
    case 'members':
      return updateIn(transaction, author, key, 'patch', expected, ({ id: _id, ...content }) => ({
        content,
        members: { add: operation.add, remove: operation.remove },
      }));
    case 'delete':
      deleteIn(transaction, author, key, expected);
      return undefined;
  }
}

function wantedFrom({ schemas, lenient, hashed }: WriteContext, type: ResourceType, record: unknown): Wanted {
  const { content, password } = normalise(schemas(type), record, { coerce: lenient });
  const passwordHash = password === undefined ? undefined : hashed(password);
  if (type === 'User') return { content, passwordHash };
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
