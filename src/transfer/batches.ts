import type { Versioned } from '../directory/index.ts';
import type { DecideContext, MemberDelta, RowFacts } from './decide.ts';
import { matchWishes, type Match, type MatchOptions, type References } from './find.ts';
import { createPace } from './pace.ts';
import { nameOfWish, type Problem, type Row, type Wish } from './row.ts';
import { managerOf } from './apply.ts';

/** A row with its place among the rows of the file, from 0. */
export interface Numbered {
  index: number;
  row: Row;
}

/**
 * Takes rows together, as many as `size` says at each time, and lets the event loop turn between them.
 * @throws what the reading throws; the signal's reason when it aborts.
 */
export async function* inBatches(
  rows: AsyncIterable<Row>,
  size: () => number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Numbered[]> {
  const pace = createPace();
  let batch: Numbered[] = [];
  let index = 0;
  for await (const row of rows) {
    batch.push({ index: index++, row });
    const waits = pace();
    if (waits) await waits;
    if (batch.length < size()) continue;
    signal?.throwIfAborted();
    yield batch;
    batch = [];
  }
  signal?.throwIfAborted();
  if (batch.length > 0) yield batch;
}

/** Finds rows of a file that are about the same: the first counts. */
export class SeenRows {
  readonly #lines = new Map<string, number>();

  /** @returns the problem, if a row before was about the same. */
  add(line: number, wish: Wish, type: DecideContext['type']): Problem | undefined {
    const keys = keysOf(wish, type);
    const before = keys.map((key) => this.#lines.get(key)).find((found) => found !== undefined);
    const name = nameOfWish(wish);
    if (before === undefined) {
      for (const key of keys) this.#lines.set(key, line);
      return undefined;
    }
    const message = `Line ${before} is about the same ${type === 'User' ? 'person' : 'group'} already.`;
    return { line, kind: 'duplicate', message, ...(name !== undefined && { name }) };
  }

  /** As add, of a group that its id does not tell, so that its name must. */
  addName(line: number, { patch }: Wish): Problem | undefined {
    return this.add(line, { patch, elements: [] }, 'Group');
  }

  /** Whether a row so far had this id or userName. */
  has(text: string): boolean {
    return this.#lines.has(`id ${text}`) || this.#lines.has(`name ${text.toLowerCase()}`);
  }
}

/** Groups may share a name: those that have an id are told by it. */
function keysOf({ id, patch }: Wish, type: DecideContext['type']): string[] {
  const name = type === 'User' ? patch['userName'] : id === undefined ? patch['displayName'] : undefined;
  return [...(id === undefined ? [] : [`id ${id}`]), ...(typeof name === 'string' ? [`name ${name.toLowerCase()}`] : [])];
}

/** Rows that can be decided about, with whom they are about and whom they refer to. */
export interface Prepared {
  facts: RowFacts & { index: number };
  /** Managers and members that are not there (yet). */
  unknown: string[];
}

/** Finds, for some rows at once, whom each is about and whom it refers to. */
export async function prepare(
  context: DecideContext & MatchOptions,
  references: References,
  seenRows: SeenRows,
  rows: readonly (Pick<RowFacts, 'line' | 'wish' | 'seen' | 'begun'> & { index: number })[],
): Promise<Prepared[]> {
  const { directory, actor, type, schemas } = context;
  const wishes = rows.map(({ wish }) => wish);
  const matches = await matchWishes(directory, actor, type, wishes, context);
  const isSame = (wish: Wish, match: Match | undefined) => managerOf(schemas, match?.current?.resource) === wish.manager;
  const named = wishes.flatMap((wish, place) =>
    typeof wish.manager === 'string' && !isSame(wish, matches[place]) ? [wish.manager] : [],
  );
  const managers = await references.managers(named);
  const prepared: Prepared[] = [];
  for (const [place, row] of rows.entries()) {
    const { line, wish } = row;
    const match = matches[place] ?? {};
    if (type === 'Group' && wish.id !== undefined && match.current?.resource.id !== wish.id) {
      const duplicate = seenRows.addName(line, wish);
      if (duplicate) match.ambiguous = duplicate.message;
    }
    const unknown: string[] = [];
    let manager: string | undefined;
    if (typeof wish.manager === 'string') {
      manager = isSame(wish, match) ? wish.manager : managers.get(wish.manager);
      if (manager === undefined) unknown.push(wish.manager);
    }
    let members: MemberDelta | undefined;
    if (wish.members) {
      const found = await references.members(wish.members);
      unknown.push(...found.unknown);
      members = await memberDelta(context, match.current, found.ids);
    }
    prepared.push({ facts: { ...row, match, manager, members }, unknown });
  }
  return prepared;
}

const membersAtOnce = 2000;

async function memberDelta(
  { directory, actor }: DecideContext,
  group: Versioned | undefined,
  wanted: ReadonlySet<string>,
): Promise<MemberDelta> {
  const add = new Set(wanted);
  const remove: string[] = [];
  if (!group) return { add: [...add], remove };
  const pace = createPace();
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await directory.members(actor, group.resource.id, { limit: membersAtOnce, after });
    for (const { value } of page) if (!add.delete(value)) remove.push(value);
    after = page.length < membersAtOnce ? undefined : page.at(-1)?.value;
    await pace();
  }
  return { add: [...add], remove };
}
