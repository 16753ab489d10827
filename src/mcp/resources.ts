import {
  ProtocolError,
  ResourceNotFoundError,
  ResourceTemplate,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { DirectoryError, nameOf, type Actor, type Directory, type ResourceType } from '../directory/index.ts';
import { answerWhole } from './answer.ts';
import { conflictReportOf, usualHours } from './conflict-report.ts';
import { rpcCodes } from './rpc-error.ts';
import { schemasOf, toDocument } from './schema-document.ts';
import { toWire } from './escalation.ts';
import { conflictReportUri, escalationUri, resourceUri, schemaUri } from './scim-resource.ts';

const listedMax = 100;
const mimeType = 'application/scim+json';
const jsonType = 'application/json';

/** Registers each user, each group, each schema and each question of the caller's tenant, and its conflict report, as a resource. */
export function registerResources(server: McpServer, directory: Directory, actorOf: (context: ServerContext) => Actor): void {
  const register = (type: ResourceType, name: string, description: string) =>
    server.registerResource(
      name,
      new ResourceTemplate(`scim://{tenant}/${type}s/{id}`, {
        list: (context) => inWords(() => list(directory, actorOf(context), type)),
      }),
      { title: type, description, mimeType },
      (uri, { id }, context) => inWords(() => read(directory, actorOf(context), type, uri, String(id))),
    );
  register('User', 'user', 'A user of the directory, as scim_get_user returns it.');
  register('Group', 'group', 'A group of the directory, as scim_get_group returns it.');
  server.registerResource(
    'schema',
    new ResourceTemplate('scim://{tenant}/Schemas/{urn}', {
      list: (context) => inWords(() => listSchemas(directory, actorOf(context))),
    }),
    { title: 'Schema', description: 'The definition of the attributes of users or groups (RFC 7643 §7).', mimeType },
    (uri, { urn }, context) => inWords(() => readSchema(directory, actorOf(context), uri, decodeURIComponent(String(urn)))),
  );
  server.registerResource(
    'escalation',
    new ResourceTemplate('scim://{tenant}/Escalations/{id}', {
      list: (context) => inWords(() => listEscalations(directory, actorOf(context))),
    }),
    {
      title: 'Escalation',
      description:
        'A change that waits for an answer, as scim_get_escalation returns it: your own, and those that you are asked.',
      mimeType: jsonType,
    },
    (uri, { id }, context) => inWords(() => readEscalation(directory, actorOf(context), uri, String(id))),
  );
  server.registerResource(
    'conflict-report',
    new ResourceTemplate('scim://{tenant}/ConflictReport', {
      list: (context) => inWords(() => listReport(directory, actorOf(context))),
    }),
    {
      title: 'Conflict report',
      description: `What the conflicts of the last ${usualHours} hours were about and what would avoid them, as scim_conflict_report returns it.`,
      mimeType: jsonType,
    },
    (uri, _variables, context) => inWords(() => readReport(directory, actorOf(context), uri)),
  );
}

/** What the directory refuses is said as it says it; the SDK would call it an error of the server's own. */
async function inWords<T>(answer: () => T | Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    throw new ProtocolError(error.code === 'UNAVAILABLE' ? rpcCodes.unavailable : rpcCodes.business, error.message);
  }
}

async function list(directory: Directory, actor: Actor, type: ResourceType) {
  const { rows } = await directory.list(actor, type, { startIndex: 1, count: listedMax });
  return {
    resources: rows.map(({ tenant, resource }) => ({
      uri: resourceUri(tenant, type, resource.id),
      name: nameOf(resource),
      mimeType,
    })),
  };
}

async function read(directory: Directory, actor: Actor, type: ResourceType, uri: URL, id: string) {
  try {
    if (uri.href !== resourceUri(actor.tenant, type, id)) throw new ResourceNotFoundError(uri.href);
    const { content } = await answerWhole(directory, actor, 'read', await directory.get(actor, type, id));
    return { contents: [{ uri: uri.href, mimeType, text: JSON.stringify(content) }] };
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'NOT_FOUND') throw new ResourceNotFoundError(uri.href);
    throw error;
  }
}

function listSchemas(directory: Directory, actor: Actor) {
  directory.tenants.allow(actor, 'scim:read');
  return {
    resources: schemasOf(directory, actor).map(({ id, name }) => ({ uri: schemaUri(actor.tenant, id), name, mimeType })),
  };
}

function readSchema(directory: Directory, actor: Actor, uri: URL, urn: string) {
  directory.tenants.allow(actor, 'scim:read');
  const schema = schemasOf(directory, actor).find(({ id }) => id === urn);
  if (!schema || decodeURIComponent(uri.href) !== schemaUri(actor.tenant, urn)) throw new ResourceNotFoundError(uri.href);
  return { contents: [{ uri: uri.href, mimeType, text: JSON.stringify(toDocument(schema)) }] };
}

async function listEscalations(directory: Directory, actor: Actor) {
  const { escalations } = await directory.escalations.list(actor, { state: 'pending', limit: listedMax });
  return {
    resources: escalations.map(({ id, tenant, from, subject }) => ({
      uri: escalationUri(tenant, id),
      name: `${from.name}: ${subject.name}`,
      mimeType: jsonType,
    })),
  };
}

async function readEscalation(directory: Directory, actor: Actor, uri: URL, id: string) {
  try {
    if (uri.href !== escalationUri(actor.tenant, id)) throw new ResourceNotFoundError(uri.href);
    const content = toWire(await directory.escalations.get(actor, id));
    return { contents: [{ uri: uri.href, mimeType: jsonType, text: JSON.stringify(content) }] };
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'NOT_FOUND') throw new ResourceNotFoundError(uri.href);
    throw error;
  }
}

function listReport(directory: Directory, actor: Actor) {
  directory.tenants.allow(actor, 'scim:read');
  return { resources: [{ uri: conflictReportUri(actor.tenant), name: 'Conflict report', mimeType: jsonType }] };
}

async function readReport(directory: Directory, actor: Actor, uri: URL) {
  directory.tenants.allow(actor, 'scim:read');
  if (uri.href !== conflictReportUri(actor.tenant)) throw new ResourceNotFoundError(uri.href);
  const { content } = await conflictReportOf(directory, actor, usualHours);
  return { contents: [{ uri: uri.href, mimeType: jsonType, text: JSON.stringify(content) }] };
}
