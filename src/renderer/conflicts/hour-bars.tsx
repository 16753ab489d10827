import { useState } from 'react';
import { hourHere } from './words.ts';

/** Conflicts by hour of the day: a table whose cells are bars. */
export function HourBars({ byHour }: { byHour: readonly number[] }) {
  const [offset] = useState(() => new Date().getTimezoneOffset());
  const here = inLocalTime(byHour, offset);
  const most = Math.max(1, ...here);
  return (
    <table className="hour-bars" aria-label="Conflicts by hour of the day">
      <tbody>
        <tr>
          {here.map((count, hour) => (
            // An hour has no identity but its place.
            // oxlint-disable-next-line react/no-array-index-key
            <td key={hour}>
              <span className={count === 0 ? 'hour-none' : undefined}>{count.toLocaleString('en')}</span>
              <div className="bar" style={{ height: `${(count / most) * 96}px` }} />
            </td>
          ))}
        </tr>
        <tr>
          {here.map((_, hour) => (
            // oxlint-disable-next-line react/no-array-index-key
            <th key={hour} scope="col" aria-label={`${hour}:00`}>
              {hour}
            </th>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

/** @param offsetMinutes of this place, as Date has it. */
function inLocalTime(byHour: readonly number[], offsetMinutes: number): number[] {
  const here = byHour.map(() => 0);
  byHour.forEach((count, hour) => (here[hourHere(hour, offsetMinutes)] = count));
  return here;
}
