import { useEffect, useState } from 'react';

const shownAfterSeconds = 2;

/** How long something has gone on, counted in seconds; nothing in the first moment. */
export function Elapsed({ since }: { since: string }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const count = () => setSeconds(Math.floor((Date.now() - Date.parse(since)) / 1000));
    count();
    const timer = setInterval(count, 1000);
    return () => clearInterval(timer);
  }, [since]);
  if (seconds < shownAfterSeconds) return <span aria-live="off">…</span>;
  const text = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return (
    <span aria-live="off" className="elapsed">
      … {text}
    </span>
  );
}
