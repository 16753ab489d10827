import { Button, NativeSelect, TextInput } from '@mantine/core';
import { auditKinds, type AuditKind } from '../../directory/pure.ts';
import { kindLabels } from './audit-words.ts';
import { isFiltered, noFilter, periodOf, periods, type AuditFilter } from './filter.ts';

/** Narrows the log by kind, by who, by whom it is about, by time and by text. */
export function AuditFilters({ filter, onChange }: { filter: AuditFilter; onChange: (filter: AuditFilter) => void }) {
  const change = (part: Partial<AuditFilter>) => onChange({ ...filter, ...part });
  const kinds = auditKinds.map((kind) => ({ value: kind, label: kindLabels[kind] }));
  return (
    <div role="group" aria-label="Filter the log" className="audit-filters">
      <NativeSelect
        label="What"
        value={filter.kind ?? ''}
        onChange={({ currentTarget: { value } }) =>
          change({ kind: auditKinds.find((kind): kind is AuditKind => kind === value) })
        }
        data={[{ value: '', label: 'Everything' }, ...kinds]}
      />
      <TextInput
        label="Who"
        placeholder="Name or ID"
        value={filter.actor}
        onChange={({ currentTarget: { value } }) => change({ actor: value })}
      />
      <TextInput
        label="About whom"
        placeholder="Name or ID"
        value={filter.subject}
        onChange={({ currentTarget: { value } }) => change({ subject: value })}
      />
      <NativeSelect
        label="When"
        value={filter.period}
        onChange={({ currentTarget: { value } }) => change(periodOf(value))}
        data={Object.entries(periods).map(([value, { label }]) => ({ value, label }))}
      />
      <TextInput
        label="Text"
        placeholder="Anything in an entry"
        value={filter.text}
        onChange={({ currentTarget: { value } }) => change({ text: value })}
      />
      {isFiltered(filter) && (
        <Button variant="subtle" onClick={() => onChange(noFilter)}>
          Clear
        </Button>
      )}
    </div>
  );
}
