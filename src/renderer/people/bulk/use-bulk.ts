import { useCallback, useEffect, useRef, useState } from 'react';
import { client, messageOf, queryClient, refusalOf, trpc } from '../../connection.ts';
import { batchSize, outcomesOf, runWrites, type BulkWrite, type Outcome, type Outcomes } from './run.ts';
import { patchBetween, planFor, type BulkAction, type Plan } from './wish.ts';

/** Where a change of many people stands. */
export interface BulkState {
  phase: 'reading' | 'preview' | 'applying' | 'applied' | 'undoing' | 'undone';
  /** One for each person who is still here, as of the version that was read. */
  plans: readonly Plan[];
  outcomes: Outcomes;
  /** What became of the undoing. */
  undone: Outcomes;
  progress: { done: number; total: number };
  /** Why it stopped. */
  error: string | undefined;
}

const begin: BulkState = {
  phase: 'reading',
  plans: [],
  outcomes: new Map(),
  undone: new Map(),
  progress: { done: 0, total: 0 },
  error: undefined,
};

/**
 * Reads people, says what would change, and changes them, each against the version that was shown.
 * @param ids who; @param action what is done to them. Both stay the same while this is mounted.
 */
export function useBulk(tenant: string, ids: readonly string[], action: BulkAction) {
  const [state, setState] = useState(begin);
  const cancelled = useRef(false);
  const patchState = useCallback((change: Partial<BulkState>) => setState((before) => ({ ...before, ...change })), []);

  const read = useCallback(async () => {
    const plans: Plan[] = [];
    try {
      for (let from = 0; from < ids.length; from += batchSize) {
        patchState({ progress: { done: from, total: ids.length } });
        const people = await client.people.many.query({ tenant, ids: ids.slice(from, from + batchSize) });
        plans.push(...people.map((person) => planFor(person, action)));
      }
      patchState({ phase: 'preview', plans, error: undefined });
    } catch (problem) {
      patchState({ error: messageOf(problem) });
    }
  }, [tenant, ids, action, patchState]);
  useEffect(() => void read(), [read]);

  const send = async (writes: readonly BulkWrite[], into: 'outcomes' | 'undone', sendBatch: typeof sendChanges) => {
    cancelled.current = false;
    patchState({
      phase: into === 'outcomes' ? 'applying' : 'undoing',
      error: undefined,
      progress: { done: 0, total: writes.length },
    });
    try {
      await runWrites({
        writes,
        send: sendBatch,
        isCancelled: () => cancelled.current,
        onBatch: (more) =>
          setState((before) => ({
            ...before,
            [into]: new Map([...before[into], ...more]),
            progress: { ...before.progress, done: before.progress.done + more.size },
          })),
      });
    } catch (problem) {
      patchState({ error: messageOf(problem) });
    }
    patchState({ phase: into === 'outcomes' ? 'applied' : 'undone' });
    void queryClient.invalidateQueries(trpc.people.pathFilter());
  };
  const sendChanges = async (batch: readonly BulkWrite[]): Promise<Outcomes> =>
    outcomesOf(await client.people.bulk.mutate({ tenant, operations: [...batch] }));
  const writeOf = ({ id, version, before, after }: Plan): BulkWrite => ({
    id,
    expectedVersion: version,
    ...(action.kind === 'change' && after && { patch: patchBetween(before, after, action) }),
  });

  return {
    state,
    readAgain: () => void read(),
    cancel: () => void (cancelled.current = true),

    /** Writes those who change and were not written yet. */
    apply: () =>
      send(
        state.plans.filter(({ id, changes }) => changes.length > 0 && !state.outcomes.has(id)).map(writeOf),
        'outcomes',
        sendChanges,
      ),

    /** Tries people who were changed by somebody else again, now that their new version was shown. */
    retry: (who: readonly string[]) => {
      const plans = state.plans.map((plan) => {
        const outcome = state.outcomes.get(plan.id);
        if (outcome?.state !== 'conflict' || !who.includes(plan.id)) return plan;
        return planFor({ resource: outcome.conflict.current, version: outcome.conflict.currentVersion }, action);
      });
      const again = plans.filter(({ id }) => who.includes(id));
      const same = again.filter(({ changes }) => changes.length === 0).map(({ id }) => [id, { state: 'left' } as const] as const);
      patchState({ plans, outcomes: new Map<string, Outcome>([...state.outcomes, ...same]) });
      return send(again.filter(({ changes }) => changes.length > 0).map(writeOf), 'outcomes', sendChanges);
    },

    skip: (who: readonly string[]) =>
      patchState({
        outcomes: new Map<string, Outcome>([...state.outcomes, ...who.map((id) => [id, { state: 'left' } as const] as const)]),
      }),

    /** Brings back what was before, for everybody whom nobody has changed since. */
    undo: () => {
      const written = state.plans.flatMap((plan) => {
        const outcome = state.outcomes.get(plan.id);
        return outcome?.state === 'done' ? [{ ...plan, version: outcome.version ?? '' }] : [];
      });
      if (action.kind === 'delete') {
        const records = new Map(written.map(({ id, before }) => [id, before]));
        const recreate = async (id: string): Promise<[string, Outcome]> => {
          try {
            const { version } = await client.people.recreate.mutate({ tenant, id, record: records.get(id) ?? {} });
            return [id, { state: 'done', version }];
          } catch (problem) {
            const conflict = refusalOf(problem)?.conflict;
            return [id, conflict ? { state: 'conflict', conflict } : { state: 'failed', message: messageOf(problem) }];
          }
        };
        return send(
          written.map(({ id }) => ({ id, expectedVersion: '' })),
          'undone',
          async (batch) => new Map(await Promise.all(batch.map(({ id }) => recreate(id)))),
        );
      }
      return send(
        written.map(({ id, version, before, after }) => ({
          id,
          expectedVersion: version,
          patch: after ? patchBetween(after, before, action) : [],
        })),
        'undone',
        sendChanges,
      );
    },
  };
}
