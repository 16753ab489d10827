import {
  limits,
  resourceTypes,
  schemaVersionOf,
  selectFromSchemas,
  type Directory,
  type ResourceSchemas,
  type ResourceType,
  type Schema,
} from '../directory/index.ts';
import { ScimError } from './errors.ts';
import type { EventPolls } from './event-poll.ts';
import { listOf } from './list.ts';
import { collections, doorLimits, etagOf, urns } from './protocol.ts';
import type { Caller } from './resource.ts';
import type { Answer } from './resources.ts';

/** What the server says of itself (RFC 7644 §4): its schemas, its types, and what it can do. By tenant. */
export class Discovery {
  readonly #directory: Directory;
  readonly #events: Pick<EventPolls, 'eventUris'>;

  constructor(directory: Directory, events: Pick<EventPolls, 'eventUris'>) {
    this.#directory = directory;
    this.#events = events;
  }

  /**
   * @param fields the attributes to show, with or without their schema's URN; none for all.
   * @throws DirectoryError INVALID_PATH for one that there is not.
   */
  schemas(caller: Caller, fields: readonly string[]): Answer {
    return listOf(selectFromSchemas(this.#schemasOf(caller), fields).map((schema) => this.#toWire(caller, schema)));
  }

  /** @throws ScimError 404. */
  schema(caller: Caller, id: string): Answer {
    const found = this.#schemasOf(caller).find((schema) => schema.id.toLowerCase() === id.toLowerCase());
    if (!found) throw new ScimError(404, `There is no schema '${id.slice(0, 200)}'.`);
    return { status: 200, body: this.#toWire(caller, found), headers: { etag: etagOf(schemaVersionOf(found)) } };
  }

  resourceTypes(caller: Caller): Answer {
    return listOf(resourceTypes.map((type) => this.#resourceType(caller, type)));
  }

  /** @throws ScimError 404. */
  resourceType(caller: Caller, name: string): Answer {
    const type = resourceTypes.find((candidate) => candidate === name);
    if (!type)
      throw new ScimError(404, `There is no resource type '${name.slice(0, 100)}'. There are ${resourceTypes.join(', ')}.`);
    return { status: 200, body: this.#resourceType(caller, type) };
  }

  /**
   * RFC 7643 §5, with RFC 9865's `pagination`, RFC 9967's `securityEvents`, which is absent where none are set up, the agents'
   * draft, and the interoperability profile's word on whether it is followed.
   */
  serviceProviderConfig({ actor, base, lenient }: Caller, origin: string): Answer {
    const eventUris = this.#events.eventUris(actor.tenant);
    const body = {
      schemas: [urns.serviceProviderConfig],
      documentationUri: `${origin}/scim/v2/docs`,
      patch: { supported: true },
      bulk: {
        supported: true,
        maxOperations: limits.bulkOperationsMax,
        maxPayloadSize: doorLimits.largeBodyBytesMax,
      },
      filter: { supported: true, maxResults: doorLimits.pageMax },
      changePassword: { supported: true },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: doorLimits.pageDefault,
        maxPageSize: doorLimits.pageMax,
      },
      ...(eventUris.length > 0 && { securityEvents: { asyncRequest: 'none', eventUris } }),
      // draft-abbey-scim-agent-extension-00 §4.
      agentExtension: { supported: true, agentsSupported: true, agenticApplicationsSupported: false },
      interopProfileConformant: !lenient,
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'OAuth Bearer Token',
          description: 'An access token from the authorization server, or an access key that the administrator has made.',
          specUri: 'https://www.rfc-editor.org/info/rfc6750',
          primary: true,
        },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
    };
    return { status: 200, body };
  }

  #schemasOf({ actor }: Caller): Schema[] {
    const all = resourceTypes.flatMap((type) => schemasIn(this.#directory.schemas(actor, type)));
    return [...new Map(all.map((schema) => [schema.id, schema])).values()];
  }

  #toWire({ base }: Caller, schema: Schema): object {
    return {
      schemas: [urns.schema],
      ...schema,
      meta: {
        resourceType: 'Schema',
        location: `${base}/Schemas/${schema.id}`,
        version: etagOf(schemaVersionOf(schema)),
      },
    };
  }

  #resourceType({ actor, base }: Caller, type: ResourceType): object {
    const { core, extensions } = this.#directory.schemas(actor, type);
    return {
      schemas: [urns.resourceType],
      id: type,
      name: type,
      endpoint: `/${collections[type]}`,
      description: core.description,
      schema: core.id,
      schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
      meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type}` },
    };
  }
}

function schemasIn({ core, extensions }: ResourceSchemas): Schema[] {
  return [core, ...extensions];
}
