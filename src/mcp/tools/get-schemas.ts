import { z } from 'zod';
import { schemaVersionOf, selectFromSchemas } from '../../directory/index.ts';
import { schemasOf, toDocument } from '../schema-document.ts';
import { defineTool, looks } from './tool.ts';

export const getSchemas = defineTool({
  name: 'scim_get_schemas',
  title: 'Get the schemas',
  description:
    'Returns the SCIM schemas of users and groups (RFC 7643 §7), the extensions of the tenant included: every attribute with its type, whether it is required, and what it means. ' +
    'Each has a version, which changes with its definition. Use fields to get only the attributes that you need.',
  toolset: 'scim',
  scope: 'scim:read',
  annotations: looks,
  input: {
    fields: z
      .array(z.string().min(1).max(300))
      .min(1)
      .max(100)
      .optional()
      .describe('Attributes to return, for example ["userName", "emails.type"], or the URN of a schema for all of it.'),
  },
  content: z.object({
    schemas: z.array(z.looseObject({ id: z.string(), name: z.string(), version: z.string() })),
  }),
  async run({ directory }, actor, { fields = [] }) {
    const all = schemasOf(directory, actor);
    const versions = new Map(all.map((schema) => [schema.id, schemaVersionOf(schema)]));
    const chosen = selectFromSchemas(all, fields);
    return {
      content: { schemas: chosen.map((schema) => toDocument(schema, versions.get(schema.id))) },
      metadata: { operation: 'get_schemas' },
    };
  },
});
