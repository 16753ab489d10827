import { createHash } from 'node:crypto';
import type { Change, Complex, EventStream, ResourceSchemas } from '../directory/index.ts';
import { changedAttributes, changeOperations } from './changed-attributes.ts';
import { streamLimits } from './limits.ts';

const prefix = 'urn:ietf:params:scim:event:prov';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** The events without a payload (RFC 9967 §2.4.4 to §2.4.6). */
const bare = [`${prefix}:delete`, `${prefix}:activate`, `${prefix}:deactivate`];

/** The claims of a security event token (RFC 8417 §2.2, RFC 9967 §2). */
export interface SecurityEvent extends Record<string, unknown> {
  iss: string;
  aud: string;
  /** Seconds since the epoch. */
  iat: number;
  jti: string;
  txn: string;
  sub_id: { format: 'scim'; uri: string; externalId?: string };
  events: Record<string, object>;
}

/** The `typ` of a token's header (RFC 8417 §2.3). */
export const securityEventType = 'secevent+jwt';

/** The events that a stream may carry. What is too large for the full form comes as a notice in it too. */
export function eventUris({ form }: Pick<EventStream, 'form'>): string[] {
  const forms = form === 'full' ? ['full', 'notice'] : ['notice'];
  return [...['create', 'patch', 'put'].flatMap((name) => forms.map((each) => `${prefix}:${name}:${each}`)), ...bare];
}

/**
 * The ids of a change's token in a stream, the same whenever they are asked for. `txn` is the change's, in all streams; neither
 * tells how many changes there are.
 */
export function eventIds(
  { tenant, name, created }: EventStream,
  { revision, id, at }: Pick<Change, 'revision' | 'id' | 'at'>,
): { jti: string; txn: string } {
  const txn = digest(tenant, revision, id, at);
  return { txn, jti: digest(tenant, name, created, txn) };
}

/**
 * Tells a change as a security event (RFC 9967), the same each time: `iat` is when the change was made. A user who was made
 * inactive or active again has two events in one token (RFC 9967 §2.1).
 * @param context.issuer the authorization server's, below which is the SCIM root too.
 */
export function toSecurityEvent(
  stream: EventStream,
  change: Change,
  context: { issuer: string; schemas: ResourceSchemas },
): SecurityEvent {
  const { type, resource, at } = change;
  const { externalId } = resource;
  return {
    iss: context.issuer,
    aud: stream.audience,
    iat: Math.floor(Date.parse(at) / 1000),
    ...eventIds(stream, change),
    sub_id: {
      format: 'scim',
      uri: `/${type}s/${encodeURIComponent(resource.id)}`,
      ...(typeof externalId === 'string' && { externalId }),
    },
    events: { ...provisioningEvent(stream, change, context), ...activationEvent(change) },
  };
}

function provisioningEvent(
  { form }: EventStream,
  change: Change,
  { issuer, schemas }: { issuer: string; schemas: ResourceSchemas },
): Record<string, object> {
  const { operation, type } = change;
  if (operation === 'delete') return { [`${prefix}:delete`]: {} };
  const version = `W/"${change.version}"`;
  const isNew = operation === 'create' || operation === 'recreate';
  const name = isNew ? 'create' : operation === 'replace' ? 'put' : 'patch';
  if (form === 'full') {
    const tooMany = (change.members?.added.length ?? 0) > streamLimits.membersMax;
    if (isNew && !tooMany)
      return { [`${prefix}:create:full`]: { version, data: representation(change, version, issuer, { created: change.at }) } };
    // A group's whole list of members is not part of a change, and would be long: what changed of it is (RFC 9967 §5).
    if (operation === 'replace' && type !== 'Group')
      return { [`${prefix}:put:full`]: { version, data: representation(change, version, issuer) } };
    const operations = isNew ? undefined : changeOperations(change, schemas);
    if (operations) return { [`${prefix}:patch:full`]: { version, data: { schemas: [patchOp], Operations: operations } } };
  }
  const attributes = changedAttributes(change, schemas);
  return { [`${prefix}:${name}:notice`]: { version, attributes: isNew ? ['id', ...attributes] : attributes } };
}

/** The resource as a SCIM client would be answered (RFC 7643 §3.1), as far as the change knows it. */
function representation({ type, resource, at, members }: Change, version: string, issuer: string, more: Complex = {}): Complex {
  const location = `${issuer}/scim/v2/${type}s/${encodeURIComponent(resource.id)}`;
  return {
    ...resource,
    ...(members && members.added.length > 0 && { members: members.added.map((value) => ({ value })) }),
    meta: { resourceType: type, ...more, lastModified: at, location, version },
  };
}

/** `active` counts as true where it is not said. */
function activationEvent({ operation, type, changes }: Change): Record<string, object> {
  const change = changes.find(({ path }) => path === 'active');
  if (type === 'Group' || !change || (operation !== 'replace' && operation !== 'patch')) return {};
  const [before, after] = [change.before !== false, change.after !== false];
  return before === after ? {} : { [`${prefix}:${after ? 'activate' : 'deactivate'}`]: {} };
}

function digest(...parts: (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
