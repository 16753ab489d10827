import { answerWhole } from '../answer.ts';
import { group, groupId } from './fields.ts';
import { defineTool, looks } from './tool.ts';

export const getGroup = defineTool({
  name: 'scim_get_group',
  title: 'Get a group',
  description:
    'Returns one group with its version and its members (users and groups). Where they are more than 1,000, members is left out and metadata.members_omitted says how to read them; ' +
    'the record can be sent back like that, since a group that is sent without members keeps them.',
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  type: 'Group',
  input: { group_id: groupId },
  content: group,
  async run({ directory }, actor, { group_id }) {
    return answerWhole(directory, actor, 'get_group', await directory.get(actor, 'Group', group_id));
  },
});
