import { agentSchemas, groupSchemas, userSchemas, type Attribute, type ResourceSchemas } from '../directory/index.ts';
import { operationDocs, parameterDocs, refusalDocs, type OperationDoc } from './operations.ts';
import { mediaType, urns } from './protocol.ts';

type JsonSchema = Record<string, unknown>;

/** What every operation may answer. */
const common = [401, 403, 503];

/** What may say when to come back. */
const retryable = [403, 409, 412, 429, 503];
const retryAfter = {
  schema: { type: 'integer' },
  description: 'In how many seconds the same may be asked again (RFC 9110 §10.2.3), where that is known.',
};

/**
 * Writes the OpenAPI 3.1 document of the door. Resources follow the standard schemas; those of a tenant's own
 * extensions are told by /Schemas, since this document is for everybody.
 */
export function openApi({ origin, version }: { origin: string; version: string }): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operationDocs) (paths[operation.path] ??= {})[operation.method] = toOperation(operation);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tandem SCIM 2.0',
      version,
      description:
        'A directory that administrators, programs and AI agents edit at the same time, and nobody’s change is silently lost.',
    },
    servers: [
      { url: `${origin}/scim/v2`, description: 'The tenant of the access' },
      {
        url: `${origin}/scim/v2/t/{tenant}`,
        description: 'The same, for clients whose configuration names the tenant',
        variables: { tenant: { default: 'default' } },
      },
    ],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An access token or an access key.' } },
      parameters: Object.fromEntries(
        Object.entries(parameterDocs).map(([key, { type, ...parameter }]) => [
          key,
          { ...parameter, required: parameter.in === 'path', schema: { type } },
        ]),
      ),
      responses: Object.fromEntries(
        Object.entries(refusalDocs).map(([status, description]) => [
          `E${status}`,
          {
            description,
            ...(retryable.includes(Number(status)) && { headers: { 'Retry-After': retryAfter } }),
            ...(Number(status) >= 400 && { content: contentOf(status === '412' ? 'Conflict' : 'Error') }),
          },
        ]),
      ),
      schemas: componentSchemas(),
    },
  };
}

function toOperation({ method, path, tag, summary, parameters, body, answer, refusals, mediaType: type }: OperationDoc): object {
  const [status, schema] = answer;
  const contended = refusals.includes(412) ? [409, 429] : [];
  const statuses = [...new Set([...refusals, ...contended, ...common])].toSorted((a, b) => a - b);
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z]+/g, '_')}`,
    tags: [tag],
    summary,
    parameters: parameters.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ...(body && { requestBody: { required: true, content: contentOf(body, type) } }),
    responses: {
      [status]: {
        description: status === 204 ? 'Done.' : 'Success.',
        ...(schema && {
          ...(type === undefined && {
            headers: { ETag: { schema: { type: 'string' }, description: 'The version of the resource, if it is one.' } },
          }),
          content: contentOf(schema, type),
        }),
      },
      ...Object.fromEntries(statuses.map((code) => [code, { $ref: `#/components/responses/E${code}` }])),
    },
  };
}

function contentOf(schema: string, type: string = mediaType): object {
  return { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } };
}

function componentSchemas(): Record<string, JsonSchema> {
  const text: JsonSchema = { type: 'string' };
  const whole: JsonSchema = { type: 'integer' };
  const list = (items: JsonSchema): JsonSchema => ({
    type: 'object',
    required: ['schemas', 'totalResults', 'Resources'],
    properties: {
      schemas: listOf({ const: urns.list }),
      totalResults: whole,
      itemsPerPage: whole,
      startIndex: whole,
      nextCursor: text,
      Resources: listOf(items),
    },
  });
  const message = (urn: string, required: string[], properties: Record<string, JsonSchema>): JsonSchema => ({
    type: 'object',
    required: ['schemas', ...required],
    properties: { schemas: listOf({ const: urn }), ...properties },
  });
  const error: Record<string, JsonSchema> = { status: text, scimType: text, detail: text };
  return {
    Any: { type: 'object' },
    User: resourceSchema(userSchemas),
    Group: resourceSchema(groupSchemas),
    Agent: resourceSchema(agentSchemas),
    UserList: list({ $ref: '#/components/schemas/User' }),
    GroupList: list({ $ref: '#/components/schemas/Group' }),
    AgentList: list({ $ref: '#/components/schemas/Agent' }),
    List: list({ type: 'object' }),
    SearchRequest: message(urns.search, [], {
      filter: text,
      sortBy: text,
      sortOrder: { enum: ['ascending', 'descending'] },
      startIndex: whole,
      count: whole,
      cursor: text,
      attributes: listOf(text),
      excludedAttributes: listOf(text),
    }),
    PatchOp: message(urns.patch, ['Operations'], {
      Operations: listOf({
        type: 'object',
        required: ['op'],
        properties: { op: { enum: ['add', 'replace', 'remove'] }, path: text, value: {} },
      }),
    }),
    BulkRequest: message(urns.bulkRequest, ['Operations'], {
      failOnErrors: { type: 'integer', minimum: 1 },
      Operations: listOf({
        type: 'object',
        required: ['method', 'path'],
        properties: {
          method: { enum: ['POST', 'PUT', 'PATCH', 'DELETE'] },
          path: text,
          bulkId: text,
          version: text,
          data: { type: 'object' },
        },
      }),
    }),
    BulkResponse: message(urns.bulkResponse, ['Operations'], {
      Operations: listOf({
        type: 'object',
        properties: { method: text, bulkId: text, location: text, version: text, status: text, response: { type: 'object' } },
      }),
    }),
    EventPoll: {
      type: 'object',
      properties: {
        maxEvents: { type: 'integer', minimum: 0 },
        returnImmediately: { type: 'boolean' },
        ack: listOf(text),
        setErrs: {
          type: 'object',
          additionalProperties: { type: 'object', required: ['err'], properties: { err: text, description: text } },
        },
      },
    },
    EventPollAnswer: {
      type: 'object',
      required: ['sets'],
      properties: {
        sets: { type: 'object', additionalProperties: { type: 'string', description: 'A signed token, by its jti.' } },
        moreAvailable: { type: 'boolean' },
      },
    },
    Error: message(urns.error, ['status'], error),
    Conflict: {
      allOf: [{ $ref: '#/components/schemas/Error' }],
      properties: {
        [urns.conflict]: {
          type: 'object',
          properties: {
            expectedVersion: text,
            currentVersion: text,
            changes: listOf({
              type: 'object',
              properties: {
                path: text,
                before: {},
                after: {},
                author: { type: 'object' },
                at: { type: 'string', format: 'date-time' },
              },
            }),
            overlapping: { type: 'boolean' },
            collisions: listOf(text),
            current: { type: 'object' },
            merged: { type: 'object', description: 'Where nothing overlaps: both sides together, ready to be PUT.' },
          },
        },
      },
    },
  };
}

function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

function resourceSchema({ core, extensions }: ResourceSchemas): JsonSchema {
  const meta: JsonSchema = {
    type: 'object',
    readOnly: true,
    properties: Object.fromEntries(
      ['resourceType', 'created', 'lastModified', 'location', 'version'].map((name) => [name, { type: 'string' }]),
    ),
  };
  const { properties, ...rest } = objectSchema(core.attributes);
  return {
    ...rest,
    description: core.description,
    required: ['schemas', ...core.attributes.filter(({ required }) => required).map(({ name }) => name)],
    properties: {
      schemas: listOf({ type: 'string' }),
      ...(properties as object),
      ...Object.fromEntries(
        extensions.map(({ id, description, attributes }) => [id, { description, ...objectSchema(attributes) }]),
      ),
      meta,
    },
  };
}

function objectSchema(attributes: readonly Attribute[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(attributes.map((attribute) => [attribute.name, attributeSchema(attribute)])),
  };
}

function attributeSchema(attribute: Attribute): JsonSchema {
  const { description, mutability, multiValued } = attribute;
  const flags = { ...(mutability === 'readOnly' && { readOnly: true }), ...(mutability === 'writeOnly' && { writeOnly: true }) };
  const value = valueSchema(attribute);
  return multiValued ? { description, ...flags, ...listOf(value) } : { description, ...flags, ...value };
}

function valueSchema({ type, canonicalValues, subAttributes = [] }: Attribute): JsonSchema {
  switch (type) {
    case 'complex':
      return objectSchema(subAttributes);
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer' };
    case 'decimal':
      return { type: 'number' };
    case 'dateTime':
      return { type: 'string', format: 'date-time' };
    case 'binary':
      return { type: 'string', contentEncoding: 'base64' };
    case 'reference':
      return { type: 'string', format: 'uri-reference' };
    case 'string':
      return { type: 'string', ...(canonicalValues && { examples: canonicalValues }) };
  }
}
