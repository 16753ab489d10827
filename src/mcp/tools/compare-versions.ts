import { z } from 'zod';
import type { VersionInfo } from '../../directory/index.ts';
import { resourceId, resourceType } from './fields.ts';
import { change, pastVersion, version } from './history-fields.ts';
import { defineTool, looks } from './tool.ts';

const side = z.looseObject(version);

export const compareVersions = defineTool({
  name: 'scim_compare_versions',
  title: 'Compare two versions',
  description:
    'Returns each field in which two versions of a user or group differ, with its value in both; of a group also who came and left. ' +
    'Without to_version, the older one is compared with how it is now.',
  toolset: 'collaboration',
  isRare: true,
  scope: 'scim:read',
  annotations: looks,
  input: {
    resource_type: resourceType,
    resource_id: resourceId,
    from_version: pastVersion('The one version'),
    to_version: pastVersion('The other version').optional(),
  },
  content: z.looseObject({ from: side, to: side, changes: z.array(change) }),
  async run({ directory }, actor, { resource_type, resource_id, from_version, to_version }) {
    const to = to_version === undefined ? { revision: await newest() } : { version: to_version };
    const compared = await directory.history.compare(actor, resource_type, resource_id, { version: from_version }, to);
    const { members, changes } = compared;
    return {
      content: {
        from: toWire(compared.from),
        to: toWire(compared.to),
        changes,
        ...(members && { members_added: members.added, members_removed: members.removed }),
      },
      metadata: { operation: 'compare_versions', resource_type, resource_id, same: changes.length === 0 },
    };

    async function newest(): Promise<number> {
      const { revisions } = await directory.history.list(actor, resource_type, resource_id, { limit: 1 });
      return revisions[0]?.revision ?? 0;
    }
  },
});

function toWire({ version: made, at, author, operation }: VersionInfo) {
  return { version: made, when: at, actor: author, ...(operation === 'delete' && { deleted: true }) };
}
