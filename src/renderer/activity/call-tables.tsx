import type { ActivityRow } from '../../api/index.ts';
import type { Tenant } from '../../directory/pure.ts';
import { timeText } from './words.ts';

interface Props {
  clients: readonly ActivityRow[];
  tenants: readonly ActivityRow[];
  /** What the tenants that there are now are called. */
  names: readonly Tenant[];
}

/** Who called, and in which tenant. */
export function CallTables({ clients, tenants, names }: Props) {
  const nameOf = (id: string) => names.find((tenant) => tenant.id === id)?.name ?? id;
  return (
    <>
      <CallTable
        title="By client"
        rows={clients.map((row) => ({ ...row, ...(row.tenant !== undefined && { tenant: nameOf(row.tenant) }) }))}
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

function CallTable({ title, rows }: { title: string; rows: readonly ActivityRow[] }) {
  const most = Math.max(1, ...rows.map(({ calls }) => calls));
  const count = (value: number) => (value === 0 ? '–' : value.toLocaleString('en'));
  return (
    <section aria-label={title} className="activity-box">
      <h3>{title}</h3>
      <table className="activity-table">
        <thead>
          <tr>
            {['Name', 'Calls', 'Usual answer', 'Slowest 5 %', 'Refused', 'Failed', 'Conflicts'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, tenant, calls, p50, p95, refused, failed, conflicts }) => (
            <tr key={id}>
              <th scope="row">
                <bdi>{name}</bdi>
                {tenant !== undefined && <span className="sub">{tenant}</span>}
              </th>
              <td data-label="Calls">
                <div className="activity-bar">
                  <span>{calls.toLocaleString('en')}</span>
                  <div style={{ width: `${(calls / most) * 100}%` }} />
                </div>
              </td>
              <td data-label="Usual answer">{timeText(p50)}</td>
              <td data-label="Slowest 5 %">{timeText(p95)}</td>
              <td data-label="Refused">{count(refused)}</td>
              <td data-label="Failed" data-bad={failed > 0}>
                {count(failed)}
              </td>
              <td data-label="Conflicts">{count(conflicts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
