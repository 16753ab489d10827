import { VisuallyHidden } from '@mantine/core';
import { clockText } from './words.ts';

interface Piece {
  /** When it began: milliseconds since the epoch. */
  from: number;
  /** Of the whole bar, from its foot. */
  parts: readonly { kind: 'ok' | 'refused' | 'failed'; value: number }[];
}

interface Props {
  label: string;
  pieces: readonly Piece[];
  /** Minutes that each bar stands for. */
  step: number;
  text: (value: number) => string;
  /** What the parts are called; absent where there is one. */
  legend?: { ok: string; refused: string; failed: string };
}

/** Bars over time. Who cannot see them gets the same as a table, of the times at which something was. */
export function TimeBars({ label, pieces, step, text, legend }: Props) {
  const sums = pieces.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const most = Math.max(...sums, 0);
  const [first, last] = [pieces[0]?.from ?? 0, (pieces.at(-1)?.from ?? 0) + step * 60_000];
  const middle = pieces[Math.floor(pieces.length / 2)]?.from ?? 0;
  return (
    <figure className="time-bars">
      <div aria-hidden>
        <div className="time-bars-most">{most > 0 ? text(most) : ''}</div>
        <div className="time-bars-plot">
          {pieces.map(({ from, parts }, index) => (
            <div
              key={from}
              className="time-bars-bar"
              title={`${clockText(from)} – ${clockText(from + step * 60_000)}: ${text(sums[index] ?? 0)}`}
            >
              {parts
                .filter(({ value }) => value > 0)
                .map(({ kind, value }) => (
                  <div key={kind} data-kind={kind} style={{ height: `${(value / Math.max(most, 1e-9)) * 100}%` }} />
                ))}
            </div>
          ))}
        </div>
        <div className="time-bars-axis">
          <span>{clockText(first)}</span>
          <span>{clockText(middle)}</span>
          <span>{clockText(last)}</span>
        </div>
        {legend && (
          <div className="time-bars-legend">
            {(['ok', 'refused', 'failed'] as const).map((kind) => (
              <span key={kind}>
                <i data-kind={kind} />
                {legend[kind]}
              </span>
            ))}
          </div>
        )}
      </div>
      <VisuallyHidden>
        <table aria-label={label}>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {legend ? (
                (['ok', 'refused', 'failed'] as const).map((kind) => (
                  <th key={kind} scope="col">
                    {legend[kind]}
                  </th>
                ))
              ) : (
                <th scope="col">{label}</th>
              )}
            </tr>
          </thead>
          <tbody>
            {pieces
              .filter((_, index) => (sums[index] ?? 0) > 0)
              .map(({ from, parts }) => (
                <tr key={from}>
                  <th scope="row">{clockText(from)}</th>
                  {parts.map(({ kind, value }) => (
                    <td key={kind}>{text(value)}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}
