import { z } from 'zod';
import type { AfterConflict } from '../conflict.ts';
import { invalidArgument } from '../result.ts';
import { expectedVersion, groupId, memberId } from './fields.ts';
import { defineTool, overwrites } from './tool.ts';

const idsMax = 10_000;

const afterConflict: AfterConflict = {
  apart:
    'Send the same call again without expected_version: adding and removing members overwrites nothing of others; or with conflict.current_version to insist on what you have read.',
  overlapping:
    'Read the group again, decide whether your change still stands, and send it with expected_version = conflict.current_version.',
  takesRecord: false,
};

export const modifyGroupMembers = defineTool({
  name: 'scim_modify_group_members',
  title: 'Add and remove members of a group',
  description:
    'Adds users or groups to a group, and removes others, without touching the rest; works for groups of any size. Both are sets: who is there already, or is not there, is only counted. ' +
    'Two callers who add different members do not conflict; with expected_version, any change of the group since is VERSION_MISMATCH. ' +
    'Refused as a whole if an id does not exist or a group would contain itself.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: overwrites,
  type: 'Group',
  afterConflict,
  input: {
    group_id: groupId,
    add: z.array(memberId).max(idsMax).optional().describe('Ids of users and groups that should be members.'),
    remove: z.array(memberId).max(idsMax).optional().describe('Ids of members that should be none any more.'),
    expected_version: expectedVersion('group'),
  },
  content: z.object({
    group_id: z.string(),
    added: z.int(),
    removed: z.int(),
    already_members: z.int().describe('Of those to add: how many were members already.'),
    not_members: z.int().describe('Of those to remove: how many were no members.'),
    member_count: z.int().describe('Direct members of the group now.'),
    _version: z.string().describe('Raw version of the group now.'),
  }),
  async run({ directory }, actor, { group_id, add = [], remove = [], expected_version }, { approval }) {
    const [adding, removing] = [new Set(add), new Set(remove)];
    const both = add.find((id) => removing.has(id));
    if (adding.size + removing.size === 0) throw invalidArgument('add', 'Name at least one id in add or remove.');
    if (both !== undefined) throw invalidArgument('remove', `'${both}' is in add too. Name it in one of them.`);
    const change = { add: [...adding], remove: [...removing] };
    const written = await directory.modifyMembers(actor, group_id, change, { expectedVersion: expected_version, approval });
    const { added, removed } = written.moved ?? { added: 0, removed: 0 };
    return {
      content: {
        group_id,
        added,
        removed,
        already_members: adding.size - added,
        not_members: removing.size - removed,
        member_count: written.members?.count ?? 0,
        _version: written.version,
      },
      metadata: {
        operation: 'modify_group_members',
        resource_type: 'Group',
        resource_id: group_id,
        version: written.version,
        conditional_update: expected_version !== undefined,
        changed: written.changed,
      },
    };
  },
});
