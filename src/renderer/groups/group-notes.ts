import { useSyncExternalStore } from 'react';
import type { Author, Change } from '../../directory/pure.ts';
import { authorName, listOf } from '../words.ts';
import { memberChangesOf, type MemberChanges } from './member-changes.ts';

/** Who else has just changed the members of a group, and how. */
export interface MemberNote extends MemberChanges {
  author: Author;
  at: string;
}

/** Changes of one author within this time are told together. */
const togetherMs = 60_000;

/** The news of the members of groups that are on screen. */
class GroupNotes {
  readonly #watched = new Set<string>();
  readonly #notes = new Map<string, MemberNote>();
  readonly #listeners = new Set<() => void>();

  /** From now on, what others do to the members of a group is news. @returns what ends it. */
  watch(key: string): () => void {
    this.#watched.add(key);
    return () => {
      this.#watched.delete(key);
      if (this.#notes.delete(key)) this.#tell();
    };
  }

  receive(key: string, change: Change): void {
    if (!this.#watched.has(key)) return;
    const changes = memberChangesOf(change);
    if (changes.added.length + changes.removed.length === 0 && changes.countNow === undefined) return;
    const { author, at } = change;
    const last = this.#notes.get(key);
    const isSame = last && last.author.id === author.id && Date.parse(at) - Date.parse(last.at) < togetherMs;
    const { added, removed, countNow } = isSame ? together(last, changes) : changes;
    if (added.length + removed.length === 0 && countNow === undefined) this.#notes.delete(key);
    else this.#notes.set(key, { added, removed, ...(countNow !== undefined && { countNow }), author, at });
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  readonly get = (key: string): MemberNote | undefined => this.#notes.get(key);

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const groupNotes = new GroupNotes();

export function useMemberNote(key: string): MemberNote | undefined {
  return useSyncExternalStore(groupNotes.subscribe, () => groupNotes.get(key));
}

/** What both changes did in all: who came and went again is no news. */
function together(first: MemberChanges, then: MemberChanges): MemberChanges {
  const countNow = then.countNow ?? first.countNow;
  const wasIn = (list: readonly { value: string }[], id: string) => list.some(({ value }) => value === id);
  return {
    added: [
      ...first.added.filter(({ value }) => !wasIn(then.removed, value)),
      ...then.added.filter(({ value }) => !wasIn(first.removed, value)),
    ],
    removed: [
      ...first.removed.filter(({ value }) => !wasIn(then.added, value)),
      ...then.removed.filter(({ value }) => !wasIn(first.added, value)),
    ],
    ...(countNow !== undefined && { countNow }),
  };
}

/** The note as a sentence; the last word is for when it was. */
export function noteText({ author, added, removed, countNow }: MemberNote): string {
  const names = (list: readonly { display: string }[]) => listOf(list.map(({ display }) => display || 'somebody'));
  const parts = [
    ...(added.length > 0 ? [`added ${names(added)}`] : []),
    ...(removed.length > 0 ? [`removed ${names(removed)}`] : []),
    ...(countNow === undefined ? [] : [`changed many members; there are ${countNow.toLocaleString('en')} now`]),
  ];
  return `${authorName(author)} ${parts.join(' and ')}`;
}
