import { z } from 'zod';
import { answerWhole } from '../answer.ts';
import { sendChangeAgain } from '../conflict.ts';
import { expectedVersion, group, resourceId, resourceType, user } from './fields.ts';
import { pastVersion } from './history-fields.ts';
import { defineTool, overwrites } from './tool.ts';

export const revert = defineTool({
  name: 'scim_revert',
  title: 'Go back to a version',
  description:
    'Brings a user or group back to one of its versions, all of it or the fields that you name, as a new change: the history keeps everything. Brings deleted ones back too, under their old id. ' +
    'See with scim_compare_versions first what would change. Send expected_version, so that what others changed meanwhile is not overwritten. ' +
    'A group gets its members of then, but for those who do not exist any more: metadata.left_out names them.',
  toolset: 'collaboration',
  scope: 'scim:write',
  annotations: overwrites,
  afterConflict: sendChangeAgain,
  input: {
    resource_type: resourceType,
    resource_id: resourceId,
    to_version: pastVersion('Where to go back to'),
    expected_version: expectedVersion('user or group'),
    fields: z
      .array(z.string().min(1).max(300))
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Only these attributes or parts of them, for example ["title", "emails[type eq \\"work\\"].value"]; "members" for those of a group.',
      ),
  },
  content: z.union([user, group]),
  async run({ directory }, actor, { resource_type, resource_id, to_version, expected_version, fields }, { approval }) {
    const reverted = await directory.history.revert(actor, resource_type, resource_id, {
      to: { version: to_version },
      expectedVersion: expected_version,
      fields,
      approval,
    });
    const { changed, leftOut } = reverted;
    return answerWhole(directory, actor, 'revert', reverted, {
      reverted_to: to_version,
      conditional_update: expected_version !== undefined,
      changed,
      ...(leftOut.length > 0 && { left_out: leftOut }),
    });
  },
});
