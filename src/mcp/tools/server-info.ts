import { z } from 'zod';
import { limits } from '../../directory/index.ts';
import { pageMax } from './listing.ts';
import { defineTool, looks } from './tool.ts';

export const serverInfo = defineTool({
  name: 'scim_server_info',
  title: 'About this server',
  description: 'Says what this server is, in which tenant you work, what your access allows, and its limits.',
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  input: {},
  content: z.looseObject({ name: z.string(), version: z.string(), supported_resource_types: z.array(z.string()) }),
  async run({ version }, actor) {
    return {
      content: {
        name: 'Tandem',
        version,
        description: 'A directory of people and groups that administrators and AI agents edit at the same time.',
        supported_resource_types: ['User', 'Group'],
        capabilities: {
          optimistic_concurrency: true,
          search: true,
          filtering: true,
          sorting: true,
          pagination: true,
          cursor_pagination: true,
          field_selection: true,
          patch: true,
          bulk: true,
          resource_subscriptions: true,
        },
        access: { tenant_id: actor.tenant, scopes: actor.scopes, acting_as: actor.name },
        limits: {
          record_characters: limits.resourceBytesMax,
          user_name_characters: limits.userNameLengthMax,
          page_results: pageMax,
          bulk_operations: limits.bulkOperationsMax,
          group_members: limits.membersMax,
        },
      },
      metadata: { operation: 'server_info' },
    };
  },
});
