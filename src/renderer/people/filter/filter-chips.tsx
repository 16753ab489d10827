import { Button, CloseButton, Group } from '@mantine/core';
import type { Field } from '../fields.ts';
import { NameOf } from '../name-of.tsx';
import { needsValue, wordsOf, type Condition } from './conditions.ts';
import { fromFilterText, toFilterText } from './filter-text.ts';

interface Props {
  tenant: string;
  filter: string;
  fields: readonly Field[];
  onChange: (filter: string) => void;
  onEdit: () => void;
}

/** The conditions that are in force, above the table, each of which can be taken away. */
export function FilterChips({ tenant, filter, fields, onChange, onEdit }: Props) {
  const conditions = fromFilterText(filter, fields);
  const rows = conditions?.rows ?? [];
  return (
    <Group gap={6} role="group" aria-label="Active filter">
      {conditions === undefined ? (
        <span className="people-chip">
          <span className="cell people-text" title={filter}>
            {filter}
          </span>
          <CloseButton size="sm" aria-label="Clear the filter" onClick={() => onChange('')} />
        </span>
      ) : (
        rows.map((row, index) => {
          const field = fields.find(({ path }) => path === row.path);
          if (!field) return undefined;
          return (
            // Rows have no identity but their place.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={index} className="people-chip">
              <span className="cell">
                {index > 0 && conditions.match === 'any' && 'or '}
                {wordsOf(row, field)} <Value tenant={tenant} row={row} field={field} />
              </span>
              <CloseButton
                size="sm"
                aria-label={`Remove “${wordsOf(row, field)} ${field.kind === 'text' ? row.value : ''}”`}
                onClick={() => onChange(toFilterText({ ...conditions, rows: rows.toSpliced(index, 1) }, fields))}
              />
            </span>
          );
        })
      )}
      <Button variant="subtle" size="compact-xs" onClick={onEdit}>
        Change
      </Button>
      {rows.length > 1 && (
        <Button variant="subtle" size="compact-xs" onClick={() => onChange('')}>
          Clear all
        </Button>
      )}
    </Group>
  );
}

function Value({ tenant, row, field }: { tenant: string; row: Condition; field: Field }) {
  if (!needsValue(row.comparator)) return undefined;
  if (field.kind === 'person' || field.kind === 'group')
    return (
      <b>
        <NameOf tenant={tenant} kind={field.kind} id={row.value} />
      </b>
    );
  return <b>{row.value}</b>;
}
