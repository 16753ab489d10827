import { z } from 'zod';
import { defineTool } from './tool.ts';

export const getSchemas = defineTool({
  name: 'scim_get_schemas',
  title: 'Get the schemas',
  description:
    'Returns the SCIM schemas of users and groups (RFC 7643 §7): every attribute with its type, whether it is required, and what it means.',
  scope: 'scim:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: {},
  content: z.object({ schemas: z.array(z.looseObject({ id: z.string(), name: z.string() })) }),
  async run({ directory }, actor) {
    const schemas = (['User', 'Group'] as const).map((type) => directory.schemas(actor, type));
    const content = { schemas: schemas.flatMap(({ core, extensions }) => [core, ...extensions]) };
    return { content, metadata: { operation: 'get_schemas' } };
  },
});
