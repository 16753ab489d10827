import { Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';

interface Row {
  id: string;
  name: ReactNode;
  /** The exact name, where `name` is in plain words. */
  title?: string;
  count: number;
}

/** What there was most of, with a bar for how much: a table, also for those who do not see the bars. */
export function BarList({ label, what, rows, empty }: { label: string; what: string; rows: readonly Row[]; empty: string }) {
  const most = Math.max(1, ...rows.map(({ count }) => count));
  if (rows.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {empty}
      </Text>
    );
  return (
    <table className="bar-list" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">
            <VisuallyHidden>{what}</VisuallyHidden>
          </th>
          <th scope="col">
            <VisuallyHidden>Conflicts</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, title, count }) => (
          <tr key={id}>
            <th scope="row" title={title}>
              {name}
            </th>
            <td>
              <div className="bar-list-cell">
                <div className="bar" style={{ width: `${(count / most) * 100}%` }} />
                <span>{count.toLocaleString('en')}</span>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
