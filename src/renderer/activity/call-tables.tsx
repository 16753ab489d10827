import type { ActivityRow } from '../../api/index.ts';
import { FigureTable } from './figure-table.tsx';
import { countText, timeText } from './words.ts';

interface Props {
  clients: readonly ActivityRow[];
  tenants: readonly ActivityRow[];
  /** What a tenant is called now. */
  nameOf: (tenant: string) => string;
}

/** Who called, and in which tenant. */
export function CallTables({ clients, tenants, nameOf }: Props) {
  return (
    <>
      <CallTable
        title="By client"
        rows={clients.map((row) => ({ ...row, ...(row.tenant !== undefined && { sub: nameOf(row.tenant) }) }))}
      />
      {tenants.length > 1 && (
        <CallTable
          title="By tenant"
          rows={tenants.map((row) => ({ ...row, name: row.name === 'Others' ? row.name : nameOf(row.id) }))}
        />
      )}
    </>
  );
}

function CallTable({ title, rows }: { title: string; rows: readonly (ActivityRow & { sub?: string })[] }) {
  const most = Math.max(1, ...rows.map(({ calls }) => calls));
  return (
    <section aria-label={title} className="activity-box">
      <h3>{title}</h3>
      <FigureTable
        of="Name"
        rows={rows}
        columns={[
          { name: 'Calls', text: ({ calls }) => calls.toLocaleString('en'), share: ({ calls }) => calls / most },
          { name: 'Usual answer', text: ({ p50 }) => timeText(p50) },
          { name: 'Slowest 5 %', text: ({ p95 }) => timeText(p95) },
          { name: 'Slowest 1 %', text: ({ p99 }) => timeText(p99) },
          { name: 'Refused', text: ({ refused }) => countText(refused) },
          { name: 'Failed', text: ({ failed }) => countText(failed), isBad: ({ failed }) => failed > 0 },
          { name: 'Conflicts', text: ({ conflicts }) => countText(conflicts) },
          { name: 'Retries', text: ({ retries }) => countText(retries) },
        ]}
      />
    </section>
  );
}
