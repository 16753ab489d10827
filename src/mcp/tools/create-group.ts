import { answerWhole } from '../answer.ts';
import { group, groupData } from './fields.ts';
import { defineTool } from './tool.ts';

export const createGroup = defineTool({
  name: 'scim_create_group',
  title: 'Create a group',
  description:
    'Creates a group, with or without members, and returns it with its id and version. Refused, with the fields named, if the record is not valid or a member does not exist.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: { group_data: groupData },
  content: group,
  async run({ directory }, actor, { group_data }, { approval }) {
    return answerWhole(directory, actor, 'create_group', await directory.create(actor, 'Group', group_data, { approval }));
  },
});
