import { Select, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Field } from '../people/fields.ts';
import { columnName, fieldOfColumn, type Kind } from './words.ts';

interface Props {
  kind: Kind;
  fields: readonly Field[];
  headers: readonly string[];
  /** The first values of each column. */
  samples: readonly (readonly string[])[];
  /** Paths. */
  choices: readonly string[];
  mapping: Readonly<Record<string, string>>;
  onMap: (header: string, path: string) => void;
}

/** Each column of the file, its first values, and what it becomes. */
export function ColumnsTable({ kind, fields, headers, samples, choices, mapping, onMap }: Props) {
  const data = useMemo(() => {
    const paths = [...new Set([...choices, ...Object.values(mapping)])].filter((path) => path !== 'ignore');
    const sections = new Map<string, { value: string; label: string }[]>();
    for (const path of paths) {
      const section = sectionOf(path, kind, fields);
      sections.set(section, [...(sections.get(section) ?? []), { value: path, label: columnName(path, kind, fields) }]);
    }
    const order = [...new Set([...fields.map(({ section }) => section), ...sections.keys()])];
    const groups = order.flatMap((group) => (sections.has(group) ? [{ group, items: sections.get(group) ?? [] }] : []));
    return [{ value: 'ignore', label: columnName('ignore', kind, fields) }, ...groups];
  }, [choices, mapping, kind, fields]);
  return (
    <div className="transfer-scroll" tabIndex={0} role="region" aria-label="Columns">
      <Table stickyHeader verticalSpacing={6} className="transfer-columns">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Column in the file</Table.Th>
            <Table.Th>First values</Table.Th>
            <Table.Th>Becomes</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {headers.map((header, index) => (
            <Table.Tr key={header} data-left-out={mapping[header] === 'ignore' || undefined}>
              <Table.Th scope="row" fw={500}>
                <bdi>{header}</bdi>
              </Table.Th>
              <Table.Td>
                <Text size="sm" c="dimmed" lineClamp={2}>
                  {(samples[index] ?? []).join(', ') || '(empty)'}
                </Text>
              </Table.Td>
              <Table.Td>
                <FieldSelect
                  label={`What ${header} becomes`}
                  data={data}
                  value={mapping[header] ?? 'ignore'}
                  onChange={(path) => onMap(header, path)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

type Option = { value: string; label: string };

interface SelectProps {
  label: string;
  data: readonly (Option | { group: string; items: Option[] })[];
  value: string;
  onChange: (path: string) => void;
}

/** A file has many columns: only a box that was opened has all fields in the page. */
function FieldSelect({ label, data, value, onChange }: SelectProps) {
  const [wasOpened, setOpened] = useState(false);
  const chosen = data.flatMap((item) => ('group' in item ? item.items : [item])).filter((option) => option.value === value);
  return (
    <Select
      size="xs"
      aria-label={label}
      data={wasOpened ? data : chosen}
      value={value}
      onChange={(path) => path !== null && onChange(path)}
      onDropdownOpen={() => setOpened(true)}
      allowDeselect={false}
      searchable
      nothingFoundMessage="No field has this name"
      // The list itself scrolls, so that it is known as the list of this box.
      withScrollArea={false}
      classNames={{ options: 'transfer-choices' }}
    />
  );
}

/** The heading under which a field of people is offered everywhere. */
function sectionOf(path: string, kind: Kind, fields: readonly Field[]): string {
  if (kind === 'groups') return 'Group';
  const field = fieldOfColumn(path, fields);
  return field?.section ?? (path === 'id' || path === 'meta.version' || path === 'password' ? 'Account' : 'More');
}
