import { z } from 'zod';
import { defineTool, looks } from './tool.ts';

export const validateSchemaExtension = defineTool({
  name: 'scim_validate_schema_extension',
  title: 'Check a schema extension',
  description:
    'Checks an extension schema that you propose for users or groups, without changing anything: its definition, whether its names clash with other attributes, and how many of the existing resources would not satisfy it ' +
    '(for example a newly required attribute). To put it in force, an administrator imports it as JSON under "Extra fields" in Tandem: give them the schema that you had checked.',
  toolset: 'administration',
  scope: 'scim:read',
  annotations: looks,
  input: {
    resource_type: z.enum(['User', 'Group']),
    schema: z
      .record(z.string(), z.unknown())
      .describe(
        'The schema (RFC 7643 §7): {"id": URN of your own, "name", "description"?, "attributes": [{"name", "type"?, "multiValued"?, "required"?, "description"?, "caseExact"?, "canonicalValues"?, "subAttributes"?}]}. With the URN of an extension that exists, its new definition.',
      ),
  },
  content: z.object({
    valid: z.boolean(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).describe('What stands against it, and what to do.'),
    affected: z.object({
      count: z.int().describe('Existing resources that would not be valid any more.'),
      examples: z.array(z.object({ id: z.string(), name: z.string() })).describe('The first of them.'),
    }),
  }),
  async run({ directory }, actor, { resource_type, schema }) {
    const { valid, issues, affected } = await directory.validateExtension(actor, resource_type, schema);
    return {
      content: { valid, issues, affected },
      metadata: { operation: 'validate_schema_extension', resource_type },
    };
  },
});
