import { useSyncExternalStore } from 'react';
import { isChanged, openDraft, reduceDraft, type Draft, type DraftAction, type Seen } from './draft.ts';
import { followStoredDrafts, forgetOtherTenants, forgetStoredDraft, readStoredDrafts, storeDraft } from './stored-drafts.ts';

/**
 * The drafts of all people that were opened in this window. They outlive switching to somebody else, a reload and, where they
 * are not saved yet, the end of the window (stored-drafts.ts).
 */
class Drafts {
  readonly #drafts = readStoredDrafts();
  /** As they were last stored; only what differs is written. */
  readonly #stored = new Map(this.#drafts);
  readonly #listeners = new Set<() => void>();
  #snapshot: ReadonlySet<string> = new Set();
  #storing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#changed();
    addEventListener('pagehide', () => this.#store());
    followStoredDrafts(
      (key) => this.#drafts.get(key),
      (key, draft) => {
        if (!draft) {
          this.#stored.delete(key);
          return this.dispatch(key, { type: 'discard' });
        }
        this.#stored.set(key, draft);
        this.#set(key, draft);
      },
    );
  }

  get(key: string): Draft | undefined {
    return this.#drafts.get(key);
  }

  /** Opens a person, or brings the draft that is there up to date. */
  open(key: string, seen: Seen): void {
    if (this.#drafts.has(key)) this.dispatch(key, { type: 'seen', seen });
    else this.#set(key, openDraft(seen));
  }

  dispatch(key: string, action: DraftAction): void {
    const draft = this.#drafts.get(key);
    if (draft) this.#set(key, reduceDraft(draft, action));
  }

  drop(key: string): void {
    this.#drafts.delete(key);
    this.#changed();
  }

  /** Forgets the drafts of tenants that are not there any more. */
  keepOnly(tenants: readonly string[]): void {
    forgetOtherTenants(tenants);
    const gone = [...this.#drafts.keys()].filter((key) => !tenants.includes(key.split('/', 1)[0] ?? ''));
    for (const key of gone) this.drop(key);
  }

  #set(key: string, draft: Draft): void {
    if (this.#drafts.get(key) === draft) return;
    this.#drafts.set(key, draft);
    this.#changed();
  }

  #changed(): void {
    this.#snapshot = new Set([...this.#drafts].filter(([, draft]) => isChanged(draft)).map(([key]) => key));
    for (const listener of this.#listeners) listener();
    clearTimeout(this.#storing);
    this.#storing = setTimeout(() => this.#store(), 300);
  }

  #store(): void {
    for (const key of this.#snapshot) {
      const draft = this.#drafts.get(key);
      if (!draft || this.#stored.get(key) === draft) continue;
      this.#stored.set(key, draft);
      storeDraft(key, draft);
    }
    for (const key of this.#stored.keys())
      if (!this.#snapshot.has(key)) {
        this.#stored.delete(key);
        forgetStoredDraft(key);
      }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly unsaved = (): ReadonlySet<string> => this.#snapshot;
}

export const drafts = new Drafts();

export const draftKey = (tenant: string, id: string): string => `${tenant}/${id}`;

export function useDraft(key: string): Draft | undefined {
  return useSyncExternalStore(drafts.subscribe, () => drafts.get(key));
}

/** The keys of drafts that are not saved yet. */
export function useUnsaved(): ReadonlySet<string> {
  return useSyncExternalStore(drafts.subscribe, drafts.unsaved);
}
