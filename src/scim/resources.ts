import type { Complex, Directory, Projection, ResourceType, Versioned } from '../directory/index.ts';
import { ScimError } from './errors.ts';
import { expectedVersion, names, type Preconditions } from './etag.ts';
import { doorLimits, etagOf, locationOf } from './protocol.ts';
import { toWire, toWirePage, type Caller } from './resource.ts';

/** What a handler answers; the door brings it onto the wire. */
export interface Answer {
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

/** A request for one resource, as far as all methods need it. */
export interface Target {
  type: ResourceType;
  id: string;
  conditions: Preconditions;
  projection: Projection;
}

/** The resources of users, groups and agents: one function for each method of RFC 7644 §3.3 to §3.6. */
export class Resources {
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** POST, RFC 7644 §3.3. @throws as Directory.create. */
  async create(caller: Caller, type: ResourceType, record: unknown, projection: Projection): Promise<Answer> {
    const created = await this.#directory.create(caller.actor, type, record, { lenient: caller.lenient });
    return this.#written(201, caller, created, projection);
  }

  /** GET, RFC 7644 §3.4.1; 304 where If-None-Match names the current version. @throws as Directory.get and toWirePage. */
  async get(caller: Caller, { type, id, conditions: { ifNoneMatch }, projection }: Target): Promise<Answer> {
    const found = await this.#directory.get(caller.actor, type, id);
    if (ifNoneMatch !== undefined && names(ifNoneMatch, found.version))
      return { status: 304, headers: { etag: etagOf(found.version) } };
    const [body] = await toWirePage(this.#directory, caller, [found], projection);
    return { status: 200, ...(body && { body }), headers: headersOf(caller, found) };
  }

  /** PUT, RFC 7644 §3.5.1. @throws as Directory.replace and expectedVersion. */
  async replace(caller: Caller, target: Target, record: unknown): Promise<Answer> {
    const { type, id } = target;
    const options = { expectedVersion: await this.#expected(caller, target), lenient: caller.lenient };
    const replaced = await this.#directory.replace(caller.actor, type, id, record, options);
    return this.#written(200, caller, replaced, target.projection);
  }

  /**
   * PATCH, RFC 7644 §3.5.2. Answers the whole resource; only a group with very many members is not sent back with each change
   * of one, unless the request says what it wants of it.
   * @throws as Directory.patch and expectedVersion.
   */
  async patch(caller: Caller, target: Target, body: unknown): Promise<Answer> {
    const { type, id, projection } = target;
    const options = { expectedVersion: await this.#expected(caller, target), lenient: caller.lenient };
    const patched = await this.#directory.patch(caller.actor, type, id, body, options);
    const isAsked = projection.attributes !== undefined || projection.excludedAttributes !== undefined;
    if (!isAsked && (patched.members?.count ?? 0) > doorLimits.membersEchoedMax)
      return { status: 204, headers: headersOf(caller, patched) };
    return this.#written(200, caller, patched, projection);
  }

  /** DELETE, RFC 7644 §3.6. @throws as Directory.delete and expectedVersion. */
  async delete(caller: Caller, target: Target): Promise<Answer> {
    const { type, id } = target;
    await this.#directory.delete(caller.actor, type, id, { expectedVersion: await this.#expected(caller, target) });
    return { status: 204 };
  }

  /**
   * The user that an access stands for (RFC 7644 §3.11).
   * @throws ScimError 501 where it stands for a program, 404 where its person is no user of the directory.
   */
  async me({ actor }: Caller): Promise<string> {
    if (await this.#directory.exists(actor, 'User', actor.id)) return actor.id;
    if (actor.kind === 'person') throw new ScimError(404, 'The person behind this access is not a user of this directory.');
    throw new ScimError(501, 'This access stands for a program, not for a user: there is no /Me for it.');
  }

  #expected(caller: Caller, target: Target): Promise<string | undefined> {
    return expectedVersion(this.#directory, caller.actor, target, target.conditions, { required: caller.requireVersion });
  }

  async #written(status: number, caller: Caller, versioned: Versioned, projection: Projection): Promise<Answer> {
    // What is written cannot be refused any more because its answer would be too large.
    const isTooLarge = (versioned.members?.count ?? 0) > doorLimits.membersListedMax;
    const wanted = isTooLarge ? { excludedAttributes: ['members'] } : projection;
    const body: Complex = await toWire(this.#directory, caller, versioned, wanted);
    return { status, body, headers: headersOf(caller, versioned) };
  }
}

function headersOf({ base }: Caller, { type, resource, version }: Versioned): Record<string, string> {
  return { etag: etagOf(version), location: locationOf(base, type, resource.id) };
}
