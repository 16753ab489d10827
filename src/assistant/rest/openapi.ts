import { z } from 'zod';
import { problemType } from './problem.ts';
import {
  addNodeBody,
  answers,
  contextsQuery,
  createContextBody,
  ownerQuery,
  promptBody,
  tasksQuery,
  type Answers,
} from './schemas.ts';

type JsonSchema = Record<string, unknown>;

interface Operation {
  method: 'get' | 'post' | 'delete';
  path: string;
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  answers: Partial<Record<number, keyof Answers>>;
  /** Whether it can answer with server-sent events. */
  streams?: boolean;
  headers?: ('Idempotency-Key' | 'Last-Event-ID' | 'Prefer')[];
  refusals: number[];
}

const operations: Operation[] = [
  {
    method: 'post',
    path: '/contexts',
    summary: 'Creates a context.',
    body: createContextBody,
    headers: ['Idempotency-Key'],
    answers: { 201: 'ContextCreated' },
    refusals: [400, 409, 413, 415, 422, 429],
  },
  {
    method: 'get',
    path: '/contexts',
    summary: 'Lists contexts, the last changed first.',
    query: contextsQuery,
    answers: { 200: 'ContextList' },
    refusals: [400, 404],
  },
  {
    method: 'get',
    path: '/contexts/{contextID}',
    summary: 'A context with its nodes.',
    query: ownerQuery,
    answers: { 200: 'Context' },
    refusals: [404],
  },
  {
    method: 'delete',
    path: '/contexts/{contextID}',
    summary: 'Deletes a context, and ends what runs in it.',
    query: ownerQuery,
    headers: ['Idempotency-Key'],
    answers: { 200: 'TaskTaken' },
    refusals: [404, 422, 429],
  },
  {
    method: 'post',
    path: '/contexts/{contextID}/prompt',
    summary: 'Adds a prompt, and answers it: at once as a stream, or whole; 202 where that takes longer than `timeout`.',
    body: promptBody,
    headers: ['Idempotency-Key', 'Last-Event-ID', 'Prefer'],
    answers: { 200: 'Completion', 202: 'TaskTaken' },
    streams: true,
    refusals: [400, 404, 409, 413, 415, 422, 429, 502, 504],
  },
  {
    method: 'post',
    path: '/contexts/{contextID}/nodes',
    summary: 'Adds a node, or answers a question of a run.',
    body: addNodeBody,
    headers: ['Idempotency-Key'],
    answers: { 201: 'NodeAdded' },
    refusals: [400, 404, 409, 413, 415, 422, 429],
  },
  {
    method: 'delete',
    path: '/contexts/{contextID}/nodes/{nodeID}',
    summary: 'Deletes a node.',
    query: ownerQuery,
    headers: ['Idempotency-Key'],
    answers: { 200: 'TaskTaken' },
    refusals: [404, 409, 422, 429],
  },
  {
    method: 'get',
    path: '/tasks',
    summary: 'Lists tasks, the newest first.',
    query: tasksQuery,
    answers: { 200: 'TaskList' },
    refusals: [400, 404],
  },
  {
    method: 'get',
    path: '/tasks/{taskID}',
    summary: 'A task; with Accept: text/event-stream its events, from Last-Event-ID on.',
    query: ownerQuery,
    headers: ['Last-Event-ID'],
    answers: { 200: 'Task' },
    streams: true,
    refusals: [404],
  },
  { method: 'get', path: '/health', summary: 'How the service is.', answers: { 200: 'Health', 503: 'Health' }, refusals: [] },
  { method: 'get', path: '/models', summary: 'The models that contexts can name.', answers: { 200: 'ModelList' }, refusals: [] },
];

const headerDocs = {
  'Idempotency-Key': 'A request with the key of an earlier one is that one, and does nothing again.',
  'Last-Event-ID': 'The id of the last event that was received: the stream goes on from there.',
  Prefer: '`wait=SECONDS` or `respond-async` (RFC 7240): how long an answer is waited for.',
} as const;

const refusalDocs: Record<number, string> = {
  400: 'The request is not valid; `errors` names the fields.',
  401: 'No valid access token or access key.',
  403: 'The access has not the scope that is needed, or the tenant is suspended.',
  404: 'There is no such thing, or it is another’s.',
  409: 'Past a bound, in use, answered already, or stopped.',
  413: 'Too large.',
  415: 'Not JSON.',
  422: 'The Idempotency-Key was sent with another request before.',
  429: 'Too much waits already.',
  502: 'The model or a tool failed.',
  503: 'Not available now.',
  504: 'It took longer than `timeout`.',
};

/** Writes the OpenAPI 3.1 document of the door. */
export function openApi({ origin, version }: { origin: string; version: string }): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = toOperation(operation);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tandem contexts',
      version,
      description: 'Conversations with an assistant that last, and the tasks that work on them.',
    },
    servers: [{ url: `${origin}/api/v1/mcp` }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An access token or an access key.' } },
      schemas: Object.fromEntries(Object.entries(answers).map(([name, schema]) => [name, jsonSchema(schema, 'output')])),
    },
  };
}

function toOperation({ method, path, summary, query, body, answers: given, streams, headers = [], refusals }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: jsonSchema(schema as z.ZodType, 'input'),
  }));
  const inHeader = headers.map((name) => ({
    name,
    in: 'header',
    required: false,
    description: headerDocs[name],
    schema: { type: 'string' },
  }));
  const success = Object.entries(given).map(([status, schema]) => [
    status,
    {
      description: status === '202' ? 'It goes on; ask for the task.' : 'Success.',
      content: {
        'application/json': { schema: { $ref: `#/components/schemas/${schema}` } },
        ...(streams && status === '200' && { 'text/event-stream': { schema: { type: 'string' } } }),
      },
    },
  ]);
  const problems = [...new Set([...refusals, 401, 403, 503])]
    .filter((status) => !(status in given))
    .toSorted((a, b) => a - b)
    .map((status) => [
      status,
      { description: refusalDocs[status], content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } } },
    ]);
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z]+/g, '_')}`,
    summary,
    parameters: [...inPath, ...inQuery, ...inHeader],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } } }),
    responses: Object.fromEntries([...success, ...problems]),
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
