import type { Kind } from './words.ts';

export interface Counts {
  create: number;
  update: number;
  unchanged: number;
  skipped: number;
  invalid: number;
  conflict: number;
}

interface Props {
  kind: Kind;
  counts: Counts;
  /** Rows that were imported all but for a manager or a member. */
  partly: number;
  isDone: boolean;
}

/** How many rows come, or came, to what. */
export function CountsOf({ kind, counts, partly, isDone }: Props) {
  const shown = [
    { label: isDone ? 'Added' : 'New', count: counts.create },
    { label: 'Changed', count: counts.update },
    { label: 'Unchanged', count: counts.unchanged },
    { label: 'Left out', count: counts.skipped, hidden: counts.skipped === 0 },
    { label: 'Conflicts', count: counts.conflict, isBad: true },
    { label: 'Errors', count: counts.invalid, isBad: true },
    { label: kind === 'groups' ? 'Members not found' : 'Managers not found', count: partly, hidden: partly === 0, isBad: true },
  ];
  return (
    <dl className="transfer-counts">
      {shown
        .filter(({ hidden }) => !hidden)
        .map(({ label, count, isBad }) => (
          <div key={label} data-bad={(isBad && count > 0) || undefined}>
            <dt>{label}</dt>
            <dd>{count.toLocaleString('en')}</dd>
          </div>
        ))}
    </dl>
  );
}
