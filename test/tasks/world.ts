import type { Actor, Directory } from '../../src/directory/index.ts';
import { sampleGroups } from '../../src/directory/sample-groups.ts';
import { samplePeople } from '../../src/directory/sample.ts';
import { enterpriseUrn, type Leaves } from './state.ts';

const peopleCount = 40;
const domain = 'northwind.example';
const schemas = {
  User: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  Group: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
};

/** The tenant of one task, as the administrator sees it. */
export class World {
  readonly directory: Directory;
  readonly tenant: string;
  readonly person: Actor;
  readonly #ids = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(directory: Directory, tenant: string) {
    this.directory = directory;
    this.tenant = tenant;
    this.person = { id: 'administrator', name: 'Administrator', kind: 'person', door: 'window', tenant, scopes: ['scim:admin'] };
  }

  /** Makes a tenant with a small sample company: 40 people, 17 groups. */
  static async make(directory: Directory, tenant: string): Promise<World> {
    await directory.tenants.add({ id: tenant, name: tenant });
    const world = new World(directory, tenant);
    const people = samplePeople(peopleCount, domain);
    const ids: string[] = [];
    // Managers stand before those who report to them.
    const heads = people.findIndex(({ manager }) => manager !== undefined && manager > 0);
    for (const part of [people.slice(0, 1), people.slice(1, heads), people.slice(heads)])
      ids.push(
        ...(await Promise.all(
          part.map(({ record, manager }) => {
            const enterprise = record[enterpriseUrn] as object;
            const managed = manager === undefined ? enterprise : { ...enterprise, manager: { value: ids[manager] } };
            return world.add('User', { ...record, [enterpriseUrn]: managed });
          }),
        )),
      );
    for (const { displayName, people: places, groups } of sampleGroups(people))
      await world.addGroup(displayName, [
        ...places.map((place) => ids[place] ?? ''),
        ...groups.map((name) => world.id(`group ${name}`)),
      ]);
    return world;
  }

  /** Adds somebody or something. @returns the id. */
  async add(type: 'User' | 'Group', record: Record<string, unknown>): Promise<string> {
    const { resource } = await this.directory.create(this.person, type, record);
    const name = typeof record['displayName'] === 'string' ? record['displayName'] : String(record['userName']);
    for (const key of type === 'User' ? [name, String(record['userName'])] : [`group ${name}`]) this.#ids.set(key, resource.id);
    this.#names.set(resource.id, name);
    return resource.id;
  }

  /** Adds a person with these fields beside the name. */
  addPerson(name: string, more: Record<string, unknown> = {}): Promise<string> {
    const [givenName = name, ...rest] = name.split(' ');
    const userName = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@${domain}`;
    const parts = { givenName, ...(rest.length > 0 && { familyName: rest.join(' ') }) };
    return this.add('User', { schemas: schemas.User, userName, displayName: name, name: parts, active: true, ...more });
  }

  addGroup(displayName: string, ids: readonly string[] = []): Promise<string> {
    return this.add('Group', { schemas: schemas.Group, displayName, members: ids.map((value) => ({ value })) });
  }

  /** @param name a display name or user name; `group NAME` for groups. @throws where the world has nobody of that name. */
  id(name: string): string {
    const id = this.#ids.get(name);
    if (id === undefined) throw new Error(`the world has no ${name}`);
    return id;
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  /** Changes single values of a person, by their places in the flat map. */
  async set(name: string, leaves: Leaves): Promise<void> {
    const id = this.id(name);
    const { resource } = await this.directory.get(this.person, 'User', id);
    const operations = Object.entries(leaves).map(([path, value]) => operationOf(resource as unknown as Leaves, path, value));
    await this.directory.patch(this.person, 'User', id, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: operations,
    });
  }

  /** Sets the rules for agents in this tenant. Whom they let a person decide is asked at the client unless `askClient` is false. */
  async policy(policy: Record<string, unknown>): Promise<void> {
    const rules = this.directory.policy;
    await rules.update(this.person, { waitSeconds: 0, askClient: false, ...policy }, rules.get(this.person).version);
  }

  /** Has a person open at the window, with unsaved changes of these fields. */
  draft(name: string, fields: string[]): void {
    this.directory.presence.open(this.person, { type: 'User', id: this.id(name) }, { holder: `window ${this.tenant}`, fields });
  }
}

const enterprise = /^(?:department|division|costCenter|employeeNumber|organization|manager)\b/;

/** One SCIM patch operation (RFC 7644 §3.5.2) for a place in the flat map. */
function operationOf(record: Leaves, path: string, value: unknown): Record<string, unknown> {
  const [, attribute = '', type, sub] = /^(\w+)\[(\w+)\]\.(\w+)$/.exec(path) ?? [];
  if (type === undefined || sub === undefined) {
    const full = enterprise.test(path) ? `${enterpriseUrn}:${path}` : path;
    return value === undefined ? { op: 'remove', path: full } : { op: 'replace', path: full, value };
  }
  const element = `${attribute}[type eq "${type}"]`;
  if (value === undefined) return { op: 'remove', path: element };
  const elements = (record[attribute] ?? []) as { type?: string }[];
  return elements.some((one) => one.type === type)
    ? { op: 'replace', path: `${element}.${sub}`, value }
    : { op: 'add', path: attribute, value: [{ type, [sub]: value }] };
}
