import { useForceUpdate, useInterval } from '@mantine/hooks';
import { ago, exactTime } from './words.ts';

const tickMs = 20_000;

/** How long ago something was, true for as long as it is shown; the exact time is its tooltip. */
export function Ago({ at }: { at: string }) {
  useInterval(useForceUpdate(), tickMs, { autoInvoke: true });
  // Its ticking is not news, also inside of a region that is read aloud.
  return (
    <time dateTime={at} title={exactTime(at)} aria-live="off">
      {ago(at)}
    </time>
  );
}
