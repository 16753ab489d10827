import { Button, Group, NativeSelect } from '@mantine/core';
import type { HistoryEntry } from '../../api/index.ts';
import type { Door, ResourceType } from '../../directory/pure.ts';
import { authorName, labelOf } from '../words.ts';
import { doors } from './words.ts';

/** Which changes are shown; what is left out is no limit. */
export interface Filter {
  author?: string;
  door?: Door;
  field?: string;
}

export const noFilter: Filter = {};

interface Props {
  type: ResourceType;
  /** What is on screen, from which the choices come. */
  entries: readonly HistoryEntry[];
  filter: Filter;
  onChange: (filter: Filter) => void;
}

/** Narrows a timeline by who, by which way, and by field. */
export function HistoryFilters({ entries, filter, onChange }: Props) {
  const authors = new Map(entries.map(({ author }) => [author.id, authorName(author)]));
  if (filter.author !== undefined && !authors.has(filter.author)) authors.set(filter.author, filter.author);
  const fields = new Set(entries.flatMap(({ changes }) => changes.map(({ path }) => fieldOf(path))));
  if (filter.field !== undefined) fields.add(filter.field);
  const change = (name: keyof Filter, value: string) => {
    const { [name]: _before, ...rest } = filter;
    onChange(value === '' ? rest : { ...rest, [name]: value });
  };
  return (
    <Group gap={8} role="group" aria-label="Filter the history" className="history-filters">
      <NativeSelect
        size="xs"
        aria-label="Who"
        value={filter.author ?? ''}
        onChange={({ currentTarget: { value } }) => change('author', value)}
        data={[
          { value: '', label: 'By anybody' },
          ...[...authors].map(([value, name]) => ({ value, label: `By ${name === 'You' ? 'you' : name}` })),
        ]}
      />
      <NativeSelect
        size="xs"
        aria-label="Which way"
        value={filter.door ?? ''}
        onChange={({ currentTarget: { value } }) => change('door', value)}
        data={[{ value: '', label: 'Any way' }, ...Object.entries(doors).map(([value, label]) => ({ value, label }))]}
      />
      <NativeSelect
        size="xs"
        aria-label="Field"
        value={filter.field ?? ''}
        onChange={({ currentTarget: { value } }) => change('field', value)}
        data={[
          { value: '', label: 'All fields' },
          ...[...fields]
            .map((value) => ({ value, label: value === 'members' ? 'Members' : labelOf(value) }))
            .toSorted((a, b) => a.label.localeCompare(b.label)),
        ]}
      />
      {Object.keys(filter).length > 0 && (
        <Button size="compact-sm" variant="subtle" onClick={() => onChange(noFilter)}>
          Clear
        </Button>
      )}
    </Group>
  );
}

/** The attribute that a change is of: `emails` of `emails[type eq "work"].value`. */
function fieldOf(path: string): string {
  const list = path.indexOf('[');
  if (list >= 0) return path.slice(0, list);
  return path.endsWith('.primary') ? path.slice(0, -'.primary'.length) : path;
}
