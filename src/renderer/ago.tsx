import { useForceUpdate, useInterval } from '@mantine/hooks';
import { ago, exactTime } from './words.ts';

const tickMs = 20_000;

/** How long ago something was, true for as long as it is shown; the exact time is its tooltip. @param props.everyMs how often it is counted. */
export function Ago({ at, everyMs = tickMs }: { at: string; everyMs?: number }) {
  useInterval(useForceUpdate(), everyMs, { autoInvoke: true });
  // Its ticking is not news, also inside of a region that is read aloud.
  return (
    <time dateTime={at} title={exactTime(at)} aria-live="off">
      {ago(at)}
    </time>
  );
}
