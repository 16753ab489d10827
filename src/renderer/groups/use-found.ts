import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { trpc } from '../connection.ts';

const searchDelayMs = 120;
const peopleMax = 30;
const groupsMax = 15;

/** Somebody or a group that can be chosen. */
export interface Choosable {
  value: string;
  label: string;
  /** What tells apart those with the same name. */
  hint: string;
}

/**
 * Finds people and groups by text, for what chooses among them. Until the answer to the newest text is there, only those of
 * the last one are shown that have its words: who types a name and presses Enter never chooses somebody else.
 * @param kinds what to look for.
 */
export function useFound(tenant: string, text: string, kinds: { people: boolean; groups: boolean }) {
  const typed = text.trim();
  const [search] = useDebouncedValue(typed, searchDelayMs);
  const page = { tenant, offset: 0, sort: { by: 'displayName', descending: false }, ...(search !== '' && { search }) } as const;
  const people = useQuery({
    ...trpc.people.list.queryOptions({ ...page, limit: peopleMax }),
    enabled: kinds.people,
    placeholderData: keepPreviousData,
  });
  const groups = useQuery({
    ...trpc.groups.list.queryOptions({ ...page, limit: groupsMax }),
    enabled: kinds.groups,
    placeholderData: keepPreviousData,
  });
  const isOld = (isPlaceholder: boolean) => isPlaceholder || search !== typed;
  return {
    people: (people.data?.rows ?? [])
      .map(({ id, displayName, title, userName }): Choosable => {
        return { value: id, label: displayName, hint: [title, userName].filter(Boolean).join(' · ') };
      })
      .filter((person) => !isOld(people.isPlaceholderData) || hasWords(person, typed)),
    groups: (groups.data?.rows ?? [])
      .map(({ id, displayName, memberCount }): Choosable => {
        return { value: id, label: displayName, hint: countText(memberCount) };
      })
      .filter((group) => !isOld(groups.isPlaceholderData) || hasWords(group, typed)),
    error: people.error ?? groups.error,
    isPending: (kinds.people && isOld(people.isPlaceholderData)) || (kinds.groups && isOld(groups.isPlaceholderData)),
  };
}

/**
 * Enter that comes before the answer waits for it, and then chooses the first.
 * @param first the first that can be chosen.
 * @returns the handler of keys for the field.
 */
export function useEarlyEnter(text: string, isPending: boolean, first: string | undefined, onPick: (value: string) => void) {
  /** The text that Enter was pressed after. */
  const [entered, setEntered] = useState<string>();
  useEffect(() => {
    if (entered === undefined || isPending) return;
    setEntered(undefined);
    if (entered === text && first !== undefined) onPick(first);
  }, [entered, isPending, text, first, onPick]);
  return (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return;
    if (!isPending || text.trim() === '') return;
    event.preventDefault();
    setEntered(text);
  };
}

function countText(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'member' : 'members'}`;
}

function hasWords({ label, hint }: Choosable, text: string): boolean {
  const all = `${label} ${hint}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
