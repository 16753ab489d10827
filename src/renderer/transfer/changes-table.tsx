import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { PlannedRow } from '../../api/index.ts';
import type { FieldChange } from '../../directory/pure.ts';
import { ChangeValue } from '../people/bulk/preview.tsx';
import type { Field } from '../people/fields.ts';
import { changeName, type Kind } from './words.ts';

interface Props {
  tenant: string;
  kind: Kind;
  planned: readonly PlannedRow[];
  fields: readonly Field[];
}

const pageSize = 50;

/** What rows will do, field by field; first the changes of those who are here. */
export function ChangesTable({ tenant, kind, planned, fields }: Props) {
  const [shown, setShown] = useState(pageSize);
  const isNew = ({ action }: PlannedRow) => action === 'create';
  const ordered = [...planned.filter((row) => !isNew(row)), ...planned.filter(isNew)];
  if (ordered.length === 0) return <Text size="sm">Nothing changes: everything in the file is as it is here.</Text>;
  return (
    <Stack gap={8}>
      <div className="transfer-scroll" tabIndex={0} role="region" aria-label="Changes">
        <Table stickyHeader verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="transfer-line">Line</Table.Th>
              <Table.Th>{kind === 'groups' ? 'Group' : 'Person'}</Table.Th>
              <Table.Th>Field</Table.Th>
              <Table.Th>Before</Table.Th>
              <Table.Th>After</Table.Th>
            </Table.Tr>
          </Table.Thead>
          {ordered.slice(0, shown).map((row) => (
            <PlannedRows key={row.line} tenant={tenant} kind={kind} row={row} fields={fields} />
          ))}
        </Table>
      </div>
      {ordered.length > shown && (
        <Group>
          <Button variant="default" size="compact-sm" onClick={() => setShown(shown + pageSize)}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function PlannedRows({ tenant, kind, row, fields }: Omit<Props, 'planned'> & { row: PlannedRow }) {
  const { line, name, action, changes } = row;
  const span = action === 'create' ? 1 : Math.max(1, changes.length);
  const head = (
    <>
      <Table.Td rowSpan={span} className="transfer-line">
        {line.toLocaleString('en')}
      </Table.Td>
      <Table.Th scope="row" fw={500} rowSpan={span}>
        <bdi>{name}</bdi>
        {action === 'create' && (
          <Badge size="sm" variant="default" ml={6}>
            New
          </Badge>
        )}
      </Table.Th>
    </>
  );
  if (action === 'create')
    return (
      <Table.Tbody>
        <Table.Tr>
          {head}
          <Table.Td colSpan={3}>
            {changes.map((change, index) => (
              <span key={change.path}>
                {index > 0 && ' · '}
                <span className="dimmed">{changeName(change.path, kind, fields)}</span>{' '}
                <Side tenant={tenant} change={change} side="after" fields={fields} />
              </span>
            ))}
          </Table.Td>
        </Table.Tr>
      </Table.Tbody>
    );
  return (
    <Table.Tbody>
      {changes.map((change, index) => (
        <Table.Tr key={change.path}>
          {index === 0 && head}
          <Table.Td>{changeName(change.path, kind, fields)}</Table.Td>
          <Table.Td>
            <Side tenant={tenant} change={change} side="before" fields={fields} />
          </Table.Td>
          <Table.Td fw={600}>
            <Side tenant={tenant} change={change} side="after" fields={fields} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  );
}

interface SideProps {
  tenant: string;
  change: Pick<FieldChange, 'path' | 'before' | 'after'>;
  side: 'before' | 'after';
  fields: readonly Field[];
}

/** One side of a change, as people read it. */
export function Side({ tenant, change, side, fields }: SideProps) {
  return <ChangeValue tenant={tenant} change={change} side={side} fields={fields} />;
}
