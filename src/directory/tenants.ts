import { tandem } from './authors.ts';
import type { AuditNote, AuditTold } from './audit/entry.ts';
import { DirectoryError } from './errors.ts';
import { ManagedTenants, noSuchTenant, operatorTenant } from './managed-tenants.ts';
import type { Actor, Author, Json, ResourceType, Scope, Tenant, TenantSettings } from './resource.ts';
import { agentSchemas, groupSchemas, userSchemas, withExtension, type ResourceSchemas, type Schema } from './schema.ts';
import type { Store } from './store.ts';

const standard: Record<ResourceType, ResourceSchemas> = { User: userSchemas, Group: groupSchemas, Agent: agentSchemas };

/** What changes of a tenant; absent stays. */
export interface TenantUpdate {
  name?: string | undefined;
  state?: 'active' | 'suspended' | undefined;
  settings?: { [Name in keyof TenantSettings]?: TenantSettings[Name] | undefined } | undefined;
}

/** Whether an actor's scopes, by themselves, allow what needs a scope. */
export function isAllowed({ scopes }: Pick<Actor, 'scopes'>, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('scim:admin');
}

/** Which tenants there are, who may do what in them, and which schemas their resources have. */
export class Tenants {
  /** Told of each refusal for want of a scope, or of a tenant that is not suspended. */
  onRefused: ((actor: Actor, event: string, message: string) => void) | undefined;
  readonly #store: Store;
  readonly #tenants = new Map<string, Tenant>();
  readonly #schemas = new Map<string, ResourceSchemas>();
  readonly #removals = new Set<Promise<void>>();
  readonly #deleteListeners = new Set<() => void>();
  readonly #stateListeners = new Set<() => void>();
  readonly #settingsListeners = new Set<(tenant: string) => void>();
  readonly #schemasListeners = new Set<(tenant: string) => void>();
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Reads them, and goes on with the removal of those that were deleted when the process ended. */
  static async open(store: Store): Promise<Tenants> {
    const tenants = new Tenants(store);
    await tenants.#read();
    for (const { tenant, type, schema } of await store.extensions()) tenants.#extend(tenant, type, schema);
    for (const { id, state } of tenants.#tenants.values()) if (state === 'deleted') tenants.#remove(id);
    return tenants;
  }

  async #read(): Promise<void> {
    for (const tenant of await this.#store.tenants()) this.#tenants.set(tenant.id, tenant);
  }

  /** All that were not deleted, oldest first. */
  list(): Tenant[] {
    return [...this.#tenants.values()].filter(({ state }) => state !== 'deleted');
  }

  /** @throws DirectoryError NOT_FOUND. */
  get(id: string): Tenant {
    const tenant = this.#tenants.get(id);
    if (!tenant || tenant.state === 'deleted') throw noSuchTenant();
    return tenant;
  }

  exists(id: string): boolean {
    const state = this.#tenants.get(id)?.state;
    return state !== undefined && state !== 'deleted';
  }

  /**
   * @throws DirectoryError NOT_FOUND if the actor's tenant does not exist; FORBIDDEN if it is suspended or the actor's
   *   scopes do not allow it.
   */
  allow(actor: Actor, scope: Scope): void {
    const { state } = this.get(actor.tenant);
    // The administrator, at the window or with the command, is let in to look and to resume it.
    const isAdministrator = actor.door === 'window' || (actor.door === 'cli' && actor.scopes.includes('scim:admin'));
    const isSuspended = state === 'suspended' && !isAdministrator;
    if (!isSuspended && isAllowed(actor, scope)) return;
    const message = isSuspended
      ? 'This tenant is suspended. Ask its administrator.'
      : `This needs the scope ${scope}, which this access does not have.`;
    this.onRefused?.(actor, 'FORBIDDEN', message);
    throw new DirectoryError('FORBIDDEN', message, isSuspended ? {} : { scope });
  }

  /** The tenants that an actor manages. @throws DirectoryError as allow, with `scim:admin`. */
  managedBy(actor: Actor): ManagedTenants {
    this.allow(actor, 'scim:admin');
    return new ManagedTenants(this, actor);
  }

  /** One change after the other: each builds on what the one before has made. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => {});
    return turn;
  }

  /**
   * Adds a tenant.
   * @param by who does it, for the audit log; so with all that follow.
   * @throws DirectoryError UNIQUENESS if one with this id exists; as add.
   */
  create(tenant: { id: string; name: string }, by: Author = tandem): Promise<Tenant> {
    return this.#inTurn(async () => {
      if (this.list().some(({ id }) => id === tenant.id))
        throw new DirectoryError('UNIQUENESS', `There is a tenant '${tenant.id}' already. Choose another id.`, {
          issues: [{ path: 'id', message: 'Is already taken.' }],
        });
      await this.add(tenant, by);
      return this.get(tenant.id);
    });
  }

  /** Adds a tenant; does nothing if one with this id exists. @throws DirectoryError INVALID_ARGUMENT. */
  async add({ id, name, sample = false }: { id: string; name: string; sample?: boolean }, by: Author = tandem): Promise<void> {
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id))
      throw new DirectoryError(
        'INVALID_ARGUMENT',
        'A tenant id has 1 to 63 lower-case letters, digits and hyphens, and begins with a letter or digit.',
      );
    if (this.#tenants.get(id)?.state === 'deleted')
      throw new DirectoryError('UNAVAILABLE', `The tenant '${id}' is being deleted. Try again in a moment.`);
    await this.#store.addTenant({ id, name: nameFrom(name), sample, created: new Date().toISOString() }, by);
    await this.#read();
  }

  /** @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT. */
  update(id: string, changes: TenantUpdate, by: Author = tandem): Promise<Tenant> {
    return this.#inTurn(() => this.#update(this.get(id), changes, by));
  }

  async #update(tenant: Tenant, { name, state, settings }: TenantUpdate, by: Author): Promise<Tenant> {
    const updated: Tenant = {
      ...tenant,
      name: name === undefined ? tenant.name : nameFrom(name),
      state: state ?? tenant.state,
      settings: {
        strict: settings?.strict ?? tenant.settings.strict,
        requireVersion: settings?.requireVersion ?? tenant.settings.requireVersion,
        policy: settings?.policy ?? tenant.settings.policy,
        history: settings?.history ?? tenant.settings.history,
        limits: settings?.limits ?? tenant.settings.limits,
        toolsets: settings?.toolsets === undefined ? tenant.settings.toolsets : settings.toolsets,
      },
    };
    await this.#store.updateTenant(updated, toldOf(tenant, updated, by));
    this.#tenants.set(tenant.id, updated);
    if (updated.state !== tenant.state) this.#tellState();
    for (const listener of this.#settingsListeners) listener(tenant.id);
    return updated;
  }

  /**
   * Deletes a tenant with everything in it. From now on it does not exist; its rows go step by step, and if the process
   * ends meanwhile, when it is started again.
   * @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT for `default`, which always exists.
   */
  delete(id: string, by: Author = tandem): Promise<void> {
    return this.#inTurn(() => this.#delete(this.get(id), by));
  }

  async #delete(tenant: Tenant, by: Author): Promise<void> {
    const { id } = tenant;
    if (id === operatorTenant)
      throw new DirectoryError('INVALID_ARGUMENT', `The tenant ${operatorTenant} always exists; it cannot be deleted.`);
    const deleted: Tenant = { ...tenant, state: 'deleted' };
    // Its own log goes with it.
    const subject = { type: 'Tenant', id, name: tenant.name };
    await this.#store.updateTenant(deleted, [
      { tenant: operatorTenant, by, note: { kind: 'tenant', event: 'deleted', subject } },
    ]);
    this.#tenants.set(id, deleted);
    for (const listener of this.#deleteListeners) listener();
    this.#tellState();
    this.#remove(id);
  }

  #remove(id: string): void {
    const removal = this.#store.removeTenant(id).then(() => {
      this.#tenants.delete(id);
      for (const key of this.#schemas.keys()) if (key.startsWith(`${id} `)) this.#schemas.delete(key);
    });
    this.#removals.add(removal);
    void removal.finally(() => this.#removals.delete(removal));
  }

  /** Calls the listener after each deletion. The listener must not throw. @returns a function that ends it. */
  onDelete(listener: () => void): () => void {
    this.#deleteListeners.add(listener);
    return () => this.#deleteListeners.delete(listener);
  }

  /** Calls the listener after a tenant was suspended, resumed or deleted. The listener must not throw. @returns what ends it. */
  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Calls the listener after a tenant's settings may have changed. The listener must not throw. @returns what ends it. */
  onSettings(listener: (tenant: string) => void): () => void {
    this.#settingsListeners.add(listener);
    return () => this.#settingsListeners.delete(listener);
  }

  #tellState(): void {
    for (const listener of this.#stateListeners) listener();
  }

  /** Resolves when no removal is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#removals);
  }

  /** The schemas of a tenant's users or groups: the standard ones and the tenant's own extensions. */
  schemas(tenant: string, type: ResourceType): ResourceSchemas {
    return this.#schemas.get(`${tenant} ${type}`) ?? standard[type];
  }

  /** Calls the listener after each change of a tenant's schemas. The listener must not throw. @returns what ends it. */
  onSchemas(listener: (tenant: string) => void): () => void {
    this.#schemasListeners.add(listener);
    return () => this.#schemasListeners.delete(listener);
  }

  /** Gives a tenant's users or groups an extension, or another definition of one that they have. */
  async putExtension(tenant: string, type: ResourceType, schema: Schema, by: Author = tandem): Promise<void> {
    const isNew = this.schemas(tenant, type).extensions.every(({ id }) => id !== schema.id);
    const detail = { of: type, attributes: schema.attributes.map(({ name }) => name) };
    const subject = { type: 'Schema', id: schema.id, name: schema.name };
    const note: AuditNote = { kind: 'schema', event: isNew ? 'added' : 'changed', subject, detail };
    await this.#store.putExtension({ tenant, type, schema }, { tenant, by, note });
    this.#extend(tenant, type, schema);
    for (const listener of this.#schemasListeners) listener(tenant);
  }

  async removeExtension(tenant: string, type: ResourceType, id: string, by: Author = tandem): Promise<void> {
    const note: AuditNote = { kind: 'schema', event: 'removed', subject: { type: 'Schema', id }, detail: { of: type } };
    await this.#store.removeExtension(tenant, type, id, { tenant, by, note });
    const { extensions, ...schemas } = this.schemas(tenant, type);
    this.#schemas.set(`${tenant} ${type}`, { ...schemas, extensions: extensions.filter((schema) => schema.id !== id) });
    for (const listener of this.#schemasListeners) listener(tenant);
  }

  #extend(tenant: string, type: ResourceType, schema: Schema): void {
    this.#schemas.set(`${tenant} ${type}`, withExtension(this.schemas(tenant, type), schema));
  }
}

/** What the tenant's log says of a change of its name, state, settings or policy. */
function toldOf(before: Tenant, after: Tenant, by: Author): AuditTold[] {
  const { id, name } = after;
  const subject = { type: 'Tenant', id, name };
  const note = (kind: 'tenant' | 'policy', event: string, was: unknown, is: unknown): AuditTold[] => {
    const changes = differences(was, is);
    return changes.length === 0 ? [] : [{ tenant: id, by, note: { kind, event, subject, detail: { changes: changes as Json } } }];
  };
  const { policy: wasPolicy, ...wasSettings } = before.settings;
  const { policy, ...settings } = after.settings;
  return [
    ...note('tenant', 'renamed', { name: before.name }, { name }),
    ...note('tenant', after.state === 'suspended' ? 'suspended' : 'resumed', { state: before.state }, { state: after.state }),
    ...note('tenant', 'set_up', wasSettings, settings),
    ...note('policy', 'changed', wasPolicy, policy),
  ];
}

/** Where two settings differ, by path; lists as a whole. */
function differences(before: unknown, after: unknown, path = ''): { path: string; before: unknown; after: unknown }[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [{ path, before, after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}.${name}`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameFrom(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== '' && trimmed.length <= 100 && trimmed.isWellFormed()) return trimmed;
  throw new DirectoryError('INVALID_ARGUMENT', 'A tenant has a name of 1 to 100 characters.');
}
