import { useEffect, useSyncExternalStore } from 'react';
import { nameOf, type Change } from '../../directory/pure.ts';
import { client } from '../connection.ts';
import { MemberList, type Members, type MemberSource } from './member-list.ts';

const pageSize = 500;
/** A list that nobody shows is kept so long, for who comes back. */
const keptMs = 10_000;
/** A version that was read may be ahead of the stream; its change is given time to arrive. */
const settleMs = 1000;

/** The member lists that screens show now. */
class MemberLists {
  readonly #lists = new Map<string, { list: MemberList; holders: number }>();
  readonly #listeners = new Set<() => void>();
  #tick = 0;

  /** Keeps the list of a group as long as it is held. @returns what lets it go. */
  hold(tenant: string, id: string): () => void {
    const key = keyOf(tenant, id);
    const held = this.#lists.get(key) ?? { list: new MemberList(source(tenant, id), this.#changed), holders: 0 };
    this.#lists.set(key, held);
    held.holders++;
    return () => {
      held.holders--;
      setTimeout(() => {
        if (held.holders > 0 || this.#lists.get(key) !== held) return;
        held.list.stop();
        this.#lists.delete(key);
      }, keptMs);
    };
  }

  get(tenant: string, id: string): MemberList | undefined {
    return this.#lists.get(keyOf(tenant, id))?.list;
  }

  /** Takes over what an announced change says of members: who came and went, and who is called otherwise now. */
  receive(change: Change): void {
    if (change.type === 'Group') this.get(change.tenant, change.id)?.receive(change);
    if (change.operation === 'delete') return;
    const prefix = keyOf(change.tenant, '');
    for (const [key, { list }] of this.#lists) if (key.startsWith(prefix)) list.rename(change.id, nameOf(change.resource));
  }

  readonly #changed = (): void => {
    this.#tick++;
    for (const listener of this.#listeners) listener();
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly tick = (): number => this.#tick;
}

export const memberLists = new MemberLists();

function keyOf(tenant: string, id: string): string {
  return `${tenant}/${id}`;
}

function source(tenant: string, id: string): MemberSource {
  return {
    version: async () => (await client.groups.get.query({ tenant, id })).version,
    page: async (after) => {
      const members = await client.groups.members.query({ tenant, id, limit: pageSize, ...(after !== undefined && { after }) });
      return { members, isLast: members.length < pageSize };
    },
  };
}

/**
 * The members of some groups, live.
 * @param ids of groups; the first time that one is named, its members are read.
 * @returns of each group what is known; undefined for a moment before its reading begins.
 */
export function useMembers(tenant: string, ids: readonly string[]): (id: string) => Members | undefined {
  const joined = ids.join(' ');
  useSyncExternalStore(memberLists.subscribe, memberLists.tick);
  useEffect(() => {
    const held = joined.split(' ').map((id) => memberLists.hold(tenant, id));
    return () => {
      for (const release of held) release();
    };
  }, [tenant, joined]);
  return (id) => memberLists.get(tenant, id)?.state;
}

/** Has the members read again when they are not those of the version that the group has. */
export function useExpectedMembers(tenant: string, id: string, version: string | undefined): void {
  useEffect(() => {
    if (version === undefined) return undefined;
    const timer = setTimeout(() => memberLists.get(tenant, id)?.expect(version), settleMs);
    return () => clearTimeout(timer);
  }, [tenant, id, version]);
}
