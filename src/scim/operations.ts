import { resourceTypes, type ResourceType } from '../directory/index.ts';
import { collections } from './protocol.ts';

/** What the door takes and answers, as data: the OpenAPI document and the page for people are both made from it. */

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface OperationDoc {
  method: Method;
  /** Below the SCIM root. */
  path: string;
  tag: string;
  summary: string;
  /** Names of `parameterDocs`. */
  parameters: readonly (keyof typeof parameterDocs)[];
  /** Name of the body's schema. */
  body?: string;
  /** Status of success, and the name of the schema of what is answered, if there is a body. */
  answer: [status: number, schema?: string];
  /** Statuses of refusals that are particular to it. */
  refusals: readonly number[];
  /** Of body and answer, where it is not SCIM's. */
  mediaType?: string;
}

interface ParameterDoc {
  name: string;
  in: 'query' | 'header' | 'path';
  type: 'string' | 'integer';
  description: string;
}

/** Each parameter, described once. */
export const parameterDocs = {
  id: { name: 'id', in: 'path', type: 'string', description: 'The id that the directory gave.' },
  stream: { name: 'stream', in: 'path', type: 'string', description: 'The name that the administrator has given it.' },
  filter: { name: 'filter', in: 'query', type: 'string', description: 'Which to list, for example userName eq "ada".' },
  sortBy: { name: 'sortBy', in: 'query', type: 'string', description: 'The attribute by which the list is ordered.' },
  sortOrder: { name: 'sortOrder', in: 'query', type: 'string', description: 'ascending, or descending.' },
  startIndex: { name: 'startIndex', in: 'query', type: 'integer', description: 'The first of the page, counted from 1.' },
  count: { name: 'count', in: 'query', type: 'integer', description: 'At most so many; 0 only counts.' },
  cursor: {
    name: 'cursor',
    in: 'query',
    type: 'string',
    description: 'Instead of startIndex: empty for the first page, then the nextCursor of the page before (RFC 9865).',
  },
  attributes: { name: 'attributes', in: 'query', type: 'string', description: 'Only these attributes, parted by commas.' },
  excludedAttributes: { name: 'excludedAttributes', in: 'query', type: 'string', description: 'All but these attributes.' },
  fields: { name: 'fields', in: 'query', type: 'string', description: 'Only these attributes of the schemas.' },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    type: 'string',
    description: 'The ETag that was read. If somebody changed the resource since, nothing is written and 412 tells what changed.',
  },
  ifNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    type: 'string',
    description: 'The ETag that was read: 304 if it is current.',
  },
} as const satisfies Record<string, ParameterDoc>;

const projection = ['attributes', 'excludedAttributes'] as const;
const listing = ['filter', 'sortBy', 'sortOrder', 'startIndex', 'count', 'cursor', ...projection] as const;

const words: Record<ResourceType, [one: string, many: string]> = {
  User: ['a user', 'users'],
  Group: ['a group', 'groups'],
  Agent: ['an agent', 'agents'],
};

function ofType(name: ResourceType): OperationDoc[] {
  const path = `/${collections[name]}`;
  const [one, many] = words[name];
  const base = { tag: path.slice(1) };
  const item = `${path}/{id}`;
  const changed = [...projection, 'ifMatch'] as const;
  return [
    { ...base, method: 'get', path, summary: `List ${many}`, parameters: listing, answer: [200, `${name}List`], refusals: [400] },
    {
      ...base,
      method: 'post',
      path,
      summary: `Create ${one}`,
      parameters: projection,
      body: name,
      answer: [201, name],
      refusals: [400, 409, 413],
    },
    {
      ...base,
      method: 'post',
      path: `${path}/.search`,
      summary: `Search ${many}`,
      parameters: [],
      body: 'SearchRequest',
      answer: [200, `${name}List`],
      refusals: [400],
    },
    {
      ...base,
      method: 'get',
      path: item,
      summary: `Read ${one}`,
      parameters: ['id', ...projection, 'ifNoneMatch'],
      answer: [200, name],
      refusals: [304, 404],
    },
    {
      ...base,
      method: 'put',
      path: item,
      summary: `Replace ${one}`,
      parameters: ['id', ...changed],
      body: name,
      answer: [200, name],
      refusals: [400, 404, 409, 412, 413, 428],
    },
    {
      ...base,
      method: 'patch',
      path: item,
      summary: `Change ${one}`,
      parameters: ['id', ...changed],
      body: 'PatchOp',
      answer: [200, name],
      refusals: [400, 404, 409, 412, 413, 428],
    },
    {
      ...base,
      method: 'delete',
      path: item,
      summary: `Delete ${one}`,
      parameters: ['id', 'ifMatch'],
      answer: [204],
      refusals: [404, 412, 428],
    },
  ];
}

/** Every operation of the door. */
export const operationDocs: readonly OperationDoc[] = [
  ...resourceTypes.flatMap(ofType),
  {
    method: 'get',
    path: '/',
    tag: 'Everything',
    summary: 'List users, groups and agents together',
    parameters: listing,
    answer: [200, 'List'],
    refusals: [400],
  },
  {
    method: 'post',
    path: '/.search',
    tag: 'Everything',
    summary: 'Search users, groups and agents together',
    parameters: [],
    body: 'SearchRequest',
    answer: [200, 'List'],
    refusals: [400],
  },
  {
    method: 'post',
    path: '/Bulk',
    tag: 'Everything',
    summary: 'Make many changes in one request',
    parameters: [],
    body: 'BulkRequest',
    answer: [200, 'BulkResponse'],
    refusals: [400, 413, 428],
  },
  {
    method: 'post',
    path: '/events/{stream}',
    tag: 'Change events',
    summary: 'Acknowledge security event tokens, and get those that wait, or wait for some (RFC 8936)',
    parameters: ['stream'],
    body: 'EventPoll',
    answer: [200, 'EventPollAnswer'],
    refusals: [400, 404],
    mediaType: 'application/json',
  },
  {
    method: 'get',
    path: '/Me',
    tag: 'Me',
    summary: 'Read the user that the access stands for',
    parameters: projection,
    answer: [200, 'User'],
    refusals: [404, 501],
  },
  {
    method: 'put',
    path: '/Me',
    tag: 'Me',
    summary: 'Replace that user',
    parameters: ['ifMatch'],
    body: 'User',
    answer: [200, 'User'],
    refusals: [400, 404, 412, 501],
  },
  {
    method: 'patch',
    path: '/Me',
    tag: 'Me',
    summary: 'Change that user',
    parameters: ['ifMatch'],
    body: 'PatchOp',
    answer: [200, 'User'],
    refusals: [400, 404, 412, 501],
  },
  {
    method: 'delete',
    path: '/Me',
    tag: 'Me',
    summary: 'Delete that user',
    parameters: ['ifMatch'],
    answer: [204],
    refusals: [404, 412, 501],
  },
  {
    method: 'get',
    path: '/Schemas',
    tag: 'Discovery',
    summary: 'The schemas, with those of the tenant',
    parameters: ['fields'],
    answer: [200, 'List'],
    refusals: [],
  },
  {
    method: 'get',
    path: '/Schemas/{id}',
    tag: 'Discovery',
    summary: 'One schema',
    parameters: ['id'],
    answer: [200, 'Any'],
    refusals: [404],
  },
  {
    method: 'get',
    path: '/ResourceTypes',
    tag: 'Discovery',
    summary: 'The types of resources',
    parameters: [],
    answer: [200, 'List'],
    refusals: [],
  },
  {
    method: 'get',
    path: '/ResourceTypes/{id}',
    tag: 'Discovery',
    summary: 'One type',
    parameters: ['id'],
    answer: [200, 'Any'],
    refusals: [404],
  },
  {
    method: 'get',
    path: '/ServiceProviderConfig',
    tag: 'Discovery',
    summary: 'What the server can do',
    parameters: [],
    answer: [200, 'Any'],
    refusals: [],
  },
];

/** What each refusal means. */
export const refusalDocs: Record<number, string> = {
  304: 'Not changed since the version that If-None-Match names.',
  400: 'What was sent is wrong; scimType and detail say how.',
  401: 'No access token, or one that is not valid here.',
  403: 'The access does not allow it.',
  404: 'There is no such resource in this tenant.',
  409: 'The user name is taken, or the record would undo what others changed.',
  412: 'Somebody changed the resource since the version that was read. Nothing was written.',
  413: 'Too large.',
  428: 'This tenant wants an If-Match.',
  429: 'Too many refused attempts.',
  501: 'The access stands for a program, not for a user.',
  503: 'Too much waits, or the disk refuses. Try again in a moment.',
};
