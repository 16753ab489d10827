import type { Attribute } from './schema.ts';
import { attribute, commonAttributes, complex, plural, readOnly } from './schema-parts.ts';

/**
 * The attributes of the core Agent schema, draft-abbey-scim-agent-extension-00 §5.1, without those of what is not here:
 * `applications` (there are no AgenticApplications) and `groups` (agents are members of none).
 */
export const agentAttributes: Attribute[] = [
  ...commonAttributes,
  attribute('name', 'The name of the agent: what it calls itself. Required.', { required: true }),
  attribute('displayName', 'The name of the agent, suitable for display to people. Absent, it is called by its name.'),
  attribute('description', 'What the agent is for.'),
  attribute('agentType', 'What kind of agent it is, for example "Assistant".'),
  attribute('active', 'Whether the agent may act. One that is not active is cut off at once, until it is active again.', {
    type: 'boolean',
  }),
  attribute('subject', 'The `sub` claim by which tokens of another issuer name the agent.', { caseExact: true }),
  complex(
    'protocols',
    'The protocols that the agent speaks.',
    [
      attribute('type', 'Which protocol.', { canonicalValues: ['A2A', 'OpenAPI', 'MCP-Client', 'MCP-Server'] }),
      attribute('specificationUrl', 'The address of the document that describes what the agent does with it.', {
        type: 'reference',
        referenceTypes: ['external'],
        caseExact: true,
      }),
    ],
    { multiValued: true },
  ),
  complex('owners', 'The users who answer for the agent.', reference('owner', 'User'), { multiValued: true }),
  complex('parent', 'The agent that this one is a part of.', reference('parent', 'Agent')),
  plural('entitlements', 'Things that the agent has, as a list.', {}, []),
  plural('roles', 'Roles that collectively represent what the agent is.', {}, []),
  plural(
    'x509Certificates',
    'Certificates issued to the agent, in DER form and base64.',
    { type: 'binary', caseExact: true },
    [],
  ),
];

/** The value alone says what is referred to, as with the manager of a user, so that the three cannot disagree. */
function reference(what: string, type: 'User' | 'Agent'): Attribute[] {
  return [
    attribute('value', `The id of the ${what}.`, { caseExact: true, required: true }),
    attribute('$ref', `The URI of the ${what}. Derived, never written.`, {
      ...readOnly,
      type: 'reference',
      referenceTypes: [type],
      caseExact: true,
    }),
    attribute('display', `The name of the ${what}. Derived, never written.`, readOnly),
  ];
}
