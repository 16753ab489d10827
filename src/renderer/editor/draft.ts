import { diff, merge, same, type Author, type Collision, type Resource, type Side } from '../../directory/pure.ts';

/** A version of the user as the directory announced it, and who made it. */
export interface Seen {
  resource: Resource;
  version: string;
  /** Strictly increasing; an older one tells nothing new. */
  revision: number;
  author: Author;
  at: string;
}

/** What happened to the open user without the person's doing, told quietly. */
export interface Note {
  kind: 'updated' | 'rebased';
  author: Author;
  at: string;
  paths: string[];
}

/**
 * An edit that somebody has open: the version it stands on, and what they have made of it. Everything that the save
 * overwrites is in `base`, so it was seen.
 */
export interface Draft {
  base: Seen;
  mine: Resource;
  /** A newer version that touches the same fields; the person must decide before anything is saved. */
  theirs?: Seen;
  collisions: Collision[];
  /** Set when the user was deleted meanwhile. */
  deleted?: { author: Author; at: string };
  note?: Note;
  /** Earlier and undone states of `mine`. */
  past: Resource[];
  future: Resource[];
  /** The field of the last edit: typing on in it is one step of undo. */
  lastPath?: string;
}

export type DraftAction =
  | { type: 'edit'; mine: Resource; path: string }
  | { type: 'undo' }
  | { type: 'redo' }
  | { type: 'discard' }
  /** A version arrived from the directory, by the stream or with a refusal. */
  | { type: 'seen'; seen: Seen }
  | { type: 'deleted'; author: Author; at: string; revision: number }
  | { type: 'resolve'; choose: (path: string) => Side }
  /** A save came back; `sent` is what was saved, since typing may have gone on. */
  | { type: 'saved'; sent: Resource; seen: Seen };

const undoMax = 200;

export function openDraft(base: Seen): Draft {
  return { base, mine: base.resource, collisions: [], past: [], future: [] };
}

export function isChanged(draft: Draft): boolean {
  return diff(draft.base.resource, draft.mine).length > 0;
}

/** Pure: what becomes of a draft. */
export function reduceDraft(draft: Draft, action: DraftAction): Draft {
  switch (action.type) {
    case 'edit': {
      const typesOn = draft.lastPath === action.path && draft.past.length > 0;
      const past = typesOn ? draft.past : [...draft.past, draft.mine].slice(-undoMax);
      return recheck({ ...without(draft, 'note'), mine: action.mine, past, future: [], lastPath: action.path });
    }
    case 'undo': {
      const mine = draft.past.at(-1);
      if (!mine) return draft;
      return recheck({
        ...without(draft, 'lastPath'),
        mine,
        past: draft.past.slice(0, -1),
        future: [draft.mine, ...draft.future],
      });
    }
    case 'redo': {
      const [mine, ...future] = draft.future;
      if (!mine) return draft;
      return recheck({ ...without(draft, 'lastPath'), mine, past: [...draft.past, draft.mine], future });
    }
    case 'discard':
      return { ...openDraft(draft.theirs ?? draft.base), ...(draft.deleted && { deleted: draft.deleted }) };
    case 'seen':
      return see(draft, action.seen);
    case 'deleted':
      return action.revision <= newest(draft) ? draft : { ...draft, deleted: { author: action.author, at: action.at } };
    case 'resolve':
      if (!draft.theirs) return draft;
      return {
        ...openDraft(draft.theirs),
        mine: merge(draft.base.resource, draft.mine, draft.theirs.resource, action.choose).merged,
        past: [...draft.past, draft.mine],
      };
    case 'saved': {
      const { sent, seen } = action;
      if (seen.revision < draft.base.revision) return draft;
      // What was typed while the save was under way stays a draft, on top of what was saved.
      const mine = merge(sent, draft.mine, seen.resource, () => 'mine').merged;
      return { ...openDraft(seen), mine };
    }
  }
}

function see(draft: Draft, seen: Seen): Draft {
  if (seen.revision <= newest(draft)) return draft;
  const current = without(draft, 'deleted');
  if (same(draft.mine, seen.resource)) return openDraft(seen);
  const paths = diff(draft.base.resource, seen.resource).map(({ path }) => path);
  const note: Note = { kind: isChanged(draft) ? 'rebased' : 'updated', author: seen.author, at: seen.at, paths };
  const { merged, collisions } = merge(draft.base.resource, draft.mine, seen.resource);
  if (collisions.length > 0) return { ...without(current, 'note'), theirs: seen, collisions };
  const rebase = (earlier: Resource) => merge(draft.base.resource, earlier, seen.resource).merged;
  return {
    ...openDraft(seen),
    mine: merged,
    past: draft.past.map(rebase),
    future: draft.future.map(rebase),
    ...(paths.length > 0 && { note }),
  };
}

/** After an edit: an edit can make a collision, or end the last one. */
function recheck(draft: Draft): Draft {
  if (!draft.theirs) return draft;
  const { merged, collisions } = merge(draft.base.resource, draft.mine, draft.theirs.resource);
  if (collisions.length > 0) return { ...draft, collisions };
  return { ...openDraft(draft.theirs), mine: merged, past: draft.past };
}

function newest({ base, theirs }: Draft): number {
  return Math.max(base.revision, theirs?.revision ?? 0);
}

function without(draft: Draft, key: 'note' | 'deleted' | 'lastPath'): Draft {
  const { [key]: _dropped, ...rest } = draft;
  return rest;
}
