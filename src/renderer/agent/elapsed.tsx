import { useForceUpdate, useInterval } from '@mantine/hooks';

const shownAfterSeconds = 2;

/** How long something has gone on, counted in seconds; nothing in the first moment. */
export function Elapsed({ since }: { since: string }) {
  useInterval(useForceUpdate(), 1000, { autoInvoke: true });
  const seconds = Math.floor((Date.now() - Date.parse(since)) / 1000);
  if (seconds < shownAfterSeconds) return <span aria-live="off">…</span>;
  const text = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return (
    <span aria-live="off" className="elapsed">
      … {text}
    </span>
  );
}
