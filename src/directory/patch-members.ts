import type { Filter } from './filter.ts';
import type { PatchOperation, PatchValue } from './patch-parse.ts';
import { refusal } from './patch-path.ts';

/** What a patch wants of a group's members, by their ids. */
export interface MemberChange {
  add: string[];
  remove: string[];
  /** If present, the members are exactly these, and `add` and `remove` are empty. */
  replaceAll?: string[];
}

/**
 * Takes the operations on the members of a group out of a patch, so that they can be done without reading the members: a
 * group may have very many. Later operations win over earlier ones; an id is in one of the lists only. As members are a set,
 * adding one who is there and removing one who is not changes nothing.
 * @param operations of parsePatch; those on users have no members and come back as they are.
 * @throws DirectoryError INVALID_PATH for a choice of members other than by their ids, MUTABILITY for their other attributes,
 *   SCHEMA_VIOLATION for a member without id.
 */
export function splitMemberOperations(operations: readonly PatchOperation[]): {
  members: MemberChange;
  rest: PatchOperation[];
} {
  const rest: PatchOperation[] = [];
  const [add, remove] = [new Set<string>(), new Set<string>()];
  let isWhole = false;
  const start = (): void => {
    isWhole = true;
    add.clear();
    remove.clear();
  };
  const put = (ids: readonly string[], into: Set<string>, from: Set<string>): void => {
    for (const id of ids) {
      into.add(id);
      from.delete(id);
    }
  };
  for (const operation of operations) {
    const { extension, attribute, filter, sub, text } = operation.path;
    if (extension !== undefined || attribute.name !== 'members') rest.push(operation);
    else if (sub) throw refusal('MUTABILITY', text, `A member's ${sub.name} cannot change. Remove the member and add another.`);
    else if (operation.op === 'remove') {
      if (!filter && !operation.elements) start();
      else put(filter ? idsChosenBy(filter, text) : idsOf(operation.elements, text), remove, add);
    } else {
      if (filter)
        throw refusal(
          'INVALID_PATH',
          text,
          'Members are only added and removed. Use the path "members" with a list as the value.',
        );
      if (operation.op === 'replace') start();
      put(idsOf(operation.value, text), add, remove);
    }
  }
  const members = isWhole ? { add: [], remove: [], replaceAll: [...add] } : { add: [...add], remove: [...remove] };
  return { members, rest };
}

function idsOf(value: PatchValue | undefined, text: string): string[] {
  const elements = Array.isArray(value) ? value : [];
  return elements.map((element) => {
    const id = typeof element === 'object' && element !== null && !Array.isArray(element) ? element['value'] : undefined;
    if (typeof id === 'string') return id;
    throw refusal('SCHEMA_VIOLATION', text, 'Each member needs a "value": the id of a user or group.');
  });
}

function idsChosenBy(filter: Filter, text: string): string[] {
  if (filter.kind === 'or') return filter.filters.flatMap((part) => idsChosenBy(part, text));
  const isId = filter.kind === 'comparison' && filter.place.attribute.name === 'value' && filter.operator === 'eq';
  if (isId && filter.as === 'text' && !filter.folded) return [filter.operand];
  throw refusal('INVALID_PATH', text, 'Members are chosen by their ids: members[value eq "…"], several joined by "or".');
}
