import { z } from 'zod';
import { defineTool } from './tool.ts';

export const getSchemas = defineTool({
  name: 'scim_get_schemas',
  title: 'Get the schemas',
  description:
    'Returns the SCIM schemas of users (RFC 7643 §7): every attribute with its type, whether it is required, and what it means.',
  scope: 'scim:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: {},
  content: z.object({ schemas: z.array(z.looseObject({ id: z.string(), name: z.string() })) }),
  async run({ directory }) {
    const { core, extensions } = directory.schemas;
    return { content: { schemas: [core, ...extensions] }, metadata: { operation: 'get_schemas' } };
  },
});
