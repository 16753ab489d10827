import { Select, Table, Text } from '@mantine/core';
import { useMemo } from 'react';
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
                <Select
                  size="xs"
                  aria-label={`What ${header} becomes`}
                  data={data}
                  value={mapping[header] ?? 'ignore'}
                  onChange={(path) => path !== null && onMap(header, path)}
                  allowDeselect={false}
                  searchable
                  nothingFoundMessage="No field has this name"
                  maxDropdownHeight={280}
                  // A file has many columns, and each would have all fields in the page.
                  comboboxProps={{ keepMounted: false }}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** The heading under which a field of people is offered everywhere. */
function sectionOf(path: string, kind: Kind, fields: readonly Field[]): string {
  if (kind === 'groups') return 'Group';
  const field = fieldOfColumn(path, fields);
  return field?.section ?? (path === 'id' || path === 'meta.version' || path === 'password' ? 'Account' : 'More');
}
