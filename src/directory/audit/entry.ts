import type { Author, Json } from '../resource.ts';

/**
 * What an entry tells of: a change of a resource; something that was not allowed; a write on a version that is not the current
 * one; what became of a conflict or a request for approval; somebody who came in; keys and grants; rules; tenants and their
 * settings; extension schemas; history that was taken away.
 */
export const auditKinds = [
  'write',
  'refusal',
  'conflict',
  'decision',
  'sign_in',
  'access',
  'policy',
  'tenant',
  'schema',
  'retention',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** What an entry is about: a `User` or `Group` with its id, or a tenant, a key, a client … with theirs. */
export interface AuditSubject {
  type: string;
  id: string;
  /** What people called it then. */
  name?: string | undefined;
}

/** A note with the tenant whose log it belongs to, and who did it. */
export interface AuditTold {
  tenant: string;
  by: Author;
  note: AuditNote;
}

/** Something that happened and is no write, as the one who knows of it tells it. Never with a password or another secret. */
export interface AuditNote {
  kind: Exclude<AuditKind, 'write'>;
  /** What happened, in one or two words: `FORBIDDEN`, `suspended`, `key_made`. */
  event: string;
  subject?: AuditSubject | undefined;
  /** The version that it is about. */
  version?: string | undefined;
  detail?: Readonly<Record<string, Json | undefined>> | undefined;
}

/** One entry of a tenant's audit log. */
export interface AuditEntry {
  tenant: string;
  /** Its place in the tenant's chain, from 1, without gaps. */
  seq: number;
  /** RFC 3339, UTC; never before that of the entry before. */
  at: string;
  kind: AuditKind;
  /** What happened; of a write, its operation. */
  event: string;
  actor: Author;
  subject?: AuditSubject;
  /** Of a write: the revision that it made. */
  revision?: number;
  version?: string;
  /** Of a write: `digest`, see digestOf, and `fields`, the paths that it changed. */
  detail: { [name: string]: Json };
  /** The hash of the entry before; of the first one, `genesis`. */
  previous: string;
  /** SHA-256, in hexadecimal, of the canonical JSON (RFC 8785) of all the rest. */
  hash: string;
}
