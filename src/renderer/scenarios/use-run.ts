import { useEffect, useState } from 'react';
import type { RunSnapshot, RunUpdate, ScenarioEvent } from '../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';

export interface ShownRun {
  /** Absent until the host has told of it. */
  run?: RunSnapshot;
  events: readonly ScenarioEvent[];
  /** The host knows no such run (any more). */
  isGone: boolean;
  /** Why nothing more is told. */
  error?: string;
}

const nothing: ShownRun = { events: [], isGone: false };

/** Follows a run as long as it is shown. */
export function useRun(id: string): ShownRun {
  const [shown, setShown] = useState(nothing);
  useEffect(() => {
    setShown(nothing);
    const subscription = client.scenarios.watch.subscribe(
      { id },
      {
        onData: (update) => setShown((before) => withUpdate(before, update)),
        onComplete: () => {
          setShown((before) => (before.run ? before : { ...before, isGone: true }));
          void queryClient.invalidateQueries(trpc.scenarios.pathFilter());
        },
        onError: (error) => setShown((before) => ({ ...before, error: messageOf(error) })),
      },
    );
    return () => subscription.unsubscribe();
  }, [id]);
  return shown;
}

/** A stream that broke off begins again at the first event. */
function withUpdate({ events: before }: ShownRun, { run, from, events }: RunUpdate): ShownRun {
  if (events.length === 0 && from === before.length) return { run, events: before, isGone: false };
  return { run, events: [...before.slice(0, from), ...events], isGone: false };
}
