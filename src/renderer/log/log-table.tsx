import { useState } from 'react';
import type { LogLine } from '../../api/index.ts';
import { exactTime } from '../words.ts';

const words: Record<LogLine['level'], string> = {
  trace: 'Trace',
  debug: 'Debug',
  info: 'Info',
  warn: 'Warning',
  error: 'Error',
  fatal: 'Fatal',
};

/** Lines of the log, oldest first; each opens to show all that it says. */
export function LogTable({ lines }: { lines: readonly LogLine[] }) {
  const [open, setOpen] = useState<number>();
  return (
    <table className="log-table">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Level</th>
          <th scope="col" className="log-part">
            Part
          </th>
          <th scope="col">What happened</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id}>
            <td>
              <time dateTime={new Date(line.time).toISOString()} title={exactTime(new Date(line.time).toISOString())}>
                {new Date(line.time).toLocaleTimeString('en-GB')}
              </time>
            </td>
            <td className="log-level" data-level={line.level}>
              {words[line.level]}
            </td>
            <td className="log-part">{line.part ?? ''}</td>
            <td>
              <button
                type="button"
                className="log-message"
                aria-expanded={open === line.id}
                onClick={() => setOpen(open === line.id ? undefined : line.id)}
              >
                {line.message || 'No words'}
              </button>
              {line.who !== undefined && (
                <span className="sub">
                  <bdi>{line.who}</bdi>
                </span>
              )}
              {open === line.id && <pre className="log-details">{pretty(line.text)}</pre>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
