import type Database from 'better-sqlite3';
import type { Asker, Context, Owner, Usage } from '../context.ts';
import { askerParameters, isOfAsker, toObject, toOwner, toTime, type OwnerColumns } from './rows.ts';

interface ContextRow extends OwnerColumns {
  id: string;
  title: string;
  model_id: string;
  metadata: string;
  allowed_tools: string;
  input_tokens: number;
  output_tokens: number;
  cost: number | null;
  created: number;
  updated: number;
  expires: number;
}

/** What a context needs at its beginning. Times are milliseconds since the epoch. */
export interface NewContext {
  id: string;
  owner: Owner;
  title: string;
  modelId: string;
  metadata: Record<string, unknown>;
  now: number;
  expires: number;
}

/** The statements about contexts. Those that write are called within a transaction. */
export class ContextTable {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database.Database) {
    this.#sql = prepare(db);
  }

  get(id: string): Context | undefined {
    const row = this.#sql.get.get(id) as ContextRow | undefined;
    return row && toContext(row);
  }

  /**
   * The last changed first.
   * @param search is looked for in titles and texts, whatever the case of ASCII letters.
   * @param before only what comes after the context of this id.
   */
  list(
    asker: Asker,
    { search = '', before, limit }: { search?: string | undefined; before?: string | undefined; limit: number },
  ): Context[] {
    const pattern = `%${search.replaceAll(/[%_\\]/g, String.raw`\$&`)}%`;
    const statement = search === '' ? this.#sql.list : this.#sql.search;
    return (statement.all({ ...askerParameters(asker), pattern, before: before ?? null, limit }) as ContextRow[]).map(toContext);
  }

  count(owner: Asker): number {
    return (this.#sql.count.get(askerParameters(owner)) as { n: number }).n;
  }

  /** How many nodes a context has, and how long they are together. */
  fill(id: string): { nodes: number; size: number } {
    return this.#sql.fill.get(id) as { nodes: number; size: number };
  }

  add({ id, owner, title, modelId, metadata, now, expires }: NewContext): void {
    const { tenant, principal = '', userId } = owner;
    this.#sql.add.run(id, tenant, principal, userId, title, modelId, JSON.stringify(metadata), now, now, expires);
  }

  rename(id: string, title: string): void {
    this.#sql.rename.run(title, id);
  }

  setModel(id: string, modelId: string): void {
    this.#sql.setModel.run(modelId, id);
  }

  setAllowedTools(id: string, tools: readonly string[]): void {
    this.#sql.setAllowedTools.run(JSON.stringify(tools), id);
  }

  addUsage(id: string, { inputTokens, outputTokens, cost }: Usage): void {
    this.#sql.addUsage.run({ id, inputTokens, outputTokens, cost: cost ?? null });
  }

  /** Says that something has happened in a context. Times in milliseconds since the epoch. */
  touch(id: string, now: number, expires: number): void {
    this.#sql.touch.run(now, expires, id);
  }

  /** Removes a context; its nodes are removed by themselves. */
  remove(id: string): void {
    this.#sql.remove.run(id);
  }

  /** Contexts past their end in which no task is open. */
  expired(now: number): { id: string; owner: Owner }[] {
    const rows = this.#sql.expired.all(now) as (OwnerColumns & { id: string })[];
    return rows.map((row) => ({ id: row.id, owner: toOwner(row) }));
  }

  /** The tenants that have contexts or tasks. */
  tenants(): string[] {
    return (this.#sql.tenants.all() as { tenant: string }[]).map(({ tenant }) => tenant);
  }

  removeTenant(tenant: string): void {
    for (const statement of this.#sql.removeTenant) statement.run(tenant);
  }

  /** How much there is in all. */
  totals(tenant: string | null = null): { contexts: number; nodes: number; size: number } {
    return this.#sql.totals.get({ tenant }) as { contexts: number; nodes: number; size: number };
  }
}

function prepare(db: Database.Database) {
  const page = `(@before is null or (updated, id) < (select updated, id from contexts where id = @before))
    order by updated desc, id desc limit @limit`;
  return {
    get: db.prepare('select * from contexts where id = ?'),
    list: db.prepare(`select * from contexts where ${isOfAsker} and ${page}`),
    search: db.prepare(`
      select * from contexts c where ${isOfAsker} and (title like @pattern escape '\\' or exists (
        select 1 from nodes where context_id = c.id and content_type = 'text' and content like @pattern escape '\\'))
      order by updated desc limit @limit`),
    count: db.prepare(`select count(*) as n from contexts where ${isOfAsker}`),
    fill: db.prepare('select node_count as nodes, size from contexts where id = ?'),
    add: db.prepare(`
      insert into contexts (id, tenant, principal, user_id, title, model_id, metadata, created, updated, expires)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    rename: db.prepare('update contexts set title = ? where id = ?'),
    setModel: db.prepare('update contexts set model_id = ? where id = ?'),
    setAllowedTools: db.prepare('update contexts set allowed_tools = ? where id = ?'),
    addUsage: db.prepare(`
      update contexts set input_tokens = input_tokens + @inputTokens, output_tokens = output_tokens + @outputTokens,
        cost = case when @cost is null then cost else coalesce(cost, 0) + @cost end
      where id = @id`),
    touch: db.prepare('update contexts set updated = ?, expires = ? where id = ?'),
    remove: db.prepare('delete from contexts where id = ?'),
    expired: db.prepare(`
      select id, tenant, principal, user_id from contexts c where expires <= ? and not exists (
        select 1 from tasks where context_id = c.id and status in ('scheduled', 'running'))`),
    tenants: db.prepare('select tenant from contexts union select tenant from tasks'),
    removeTenant: [
      db.prepare('delete from nodes where context_id in (select id from contexts where tenant = ?)'),
      db.prepare('delete from contexts where tenant = ?'),
      db.prepare('delete from tasks where tenant = ?'),
    ],
    totals: db.prepare(`
      select count(*) as contexts, coalesce(sum(node_count), 0) as nodes, coalesce(sum(size), 0) as size from contexts
      where @tenant is null or tenant = @tenant`),
  };
}

function toContext(row: ContextRow): Context {
  return {
    id: row.id,
    owner: toOwner(row),
    title: row.title,
    modelId: row.model_id,
    metadata: toObject(row.metadata),
    allowedTools: JSON.parse(row.allowed_tools) as string[],
    usage: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      ...(row.cost !== null && { cost: row.cost }),
    },
    created: toTime(row.created),
    updated: toTime(row.updated),
    expires: toTime(row.expires),
  };
}
