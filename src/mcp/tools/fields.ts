/** The arguments and contents that several tools have in common. */
import { z } from 'zod';

const id = z.string().min(1).max(128);

export const userId = id.describe("The user's id, as other tools return it.");

export const groupId = id.describe("The group's id, as other tools return it.");

/** What tools take that are about users and groups alike. */
export const resourceType = z.enum(['User', 'Group']).describe('What resource_id is the id of.');

export const resourceId = id.describe("The user's or group's id, as other tools return it; of a deleted one too.");

/** The id of a member: of a user or a group. */
export const memberId = id;

export const escalationId = z
  .string()
  .min(1)
  .max(64)
  .describe('The id of the question, as the call that waits for it answers it.');

const record = z.record(z.string(), z.unknown());

export const userData = record.describe(
  'The whole user record as SCIM JSON (RFC 7643): "schemas" and "userName" are required, extension attributes stand under their schema URN. ' +
    '"_version", "meta", "id" and read-only attributes are ignored.',
);

export const groupData = record.describe(
  'The whole group record as SCIM JSON (RFC 7643): "schemas" and "displayName" are required, "members" is a list of {"value": id of a user or group}. ' +
    '"_version", "meta", "id" and what is derived of members are ignored.',
);

/** The version that a caller has seen of a user or group. */
export function expectedVersion(what: 'user' | 'group' | 'user or group') {
  return z
    .string()
    .optional()
    .describe(
      `The raw version that you have seen (\`content._version\`, without W/ or quotes). If somebody changed the ${what} since, nothing is written and you are told what changed.`,
    );
}

const versioned = z.looseObject({
  schemas: z.array(z.string()),
  id: z.string(),
  _version: z.string().describe('Raw version of this content.'),
});

export const user = versioned.describe('A SCIM user, with its version.');

export const group = versioned.describe('A SCIM group, with its version.');

/** Operations of a SCIM patch. Their values are checked where they are applied, against the schemas of the tenant. */
export const patchOperations = z
  .array(
    z.looseObject({
      op: z.string().describe('"add", "replace" or "remove".'),
      path: z
        .string()
        .optional()
        .describe(
          'Attribute path, for example "title", "name.familyName", "emails[type eq \\"work\\"].value", "members[value eq \\"ID\\"]", or with the URN of an extension before it. Required for "remove".',
        ),
      value: z.unknown().optional().describe('What to add or to put there. Without a path, an object with attributes.'),
    }),
  )
  .min(1)
  .max(1000)
  .describe('Operations of RFC 7644 §3.5.2, done in this order, all or none.');
