import type { ActivityReport } from '../../api/index.ts';
import { timeText } from './words.ts';

interface Props {
  totals: ActivityReport['totals'];
  ofAll: boolean;
}

/** The figures of a time. */
export function Figures({ totals, ofAll }: Props) {
  const { calls, refused, failed, conflicts, retries, p50, p95, p99, retriesPerSuccess, queueMax } = totals;
  const count = (value: number) => value.toLocaleString('en');
  return (
    <dl className="activity-figures">
      <Figure name="Calls" value={count(calls)} />
      <Figure name="Usual answer" value={timeText(p50)} hint="Half of all answers were faster (p50)." />
      <Figure name="Slowest 5 %" value={timeText(p95)} hint="95 of 100 answers were faster (p95)." />
      <Figure name="Slowest 1 %" value={timeText(p99)} hint="99 of 100 answers were faster (p99)." />
      <Figure name="Failed" value={count(failed)} hint="By a fault of Tandem’s. The log says why." isBad={failed > 0} />
      <Figure name="Refused" value={count(refused)} hint="Not valid, not allowed, or in conflict: nothing was changed." />
      <Figure name="Conflicts" value={count(conflicts)} />
      <Figure
        name="Retries"
        value={count(retries)}
        hint={`Of writers that met a conflict, until they had written${retriesPerSuccess === undefined ? '.' : `: ${retriesPerSuccess.toFixed(1)} for each.`}`}
      />
      {ofAll && (
        <Figure name="Longest queue" value={count(queueMax)} hint="Changes that waited to be written at the same time." />
      )}
    </dl>
  );
}

function Figure({ name, value, hint, isBad = false }: { name: string; value: string; hint?: string; isBad?: boolean }) {
  return (
    <div className="activity-figure" title={hint} data-bad={isBad}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
