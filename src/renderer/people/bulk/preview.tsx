import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { FieldChange, Json } from '../../../directory/pure.ts';
import { labelOf, valueText } from '../../words.ts';
import type { Field } from '../fields.ts';
import { NameOf } from '../name-of.tsx';
import type { Plan } from './wish.ts';

const pageSize = 100;

/** What each person has now and what they will have; first those who change. */
export function PreviewTable({ tenant, plans, fields }: { tenant: string; plans: readonly Plan[]; fields: readonly Field[] }) {
  const [shown, setShown] = useState(pageSize);
  const ordered = [...plans.filter(({ changes }) => changes.length > 0), ...plans.filter(({ changes }) => changes.length === 0)];
  return (
    <Stack gap={8}>
      <div className="people-preview" tabIndex={0} role="region" aria-label="Preview">
        <Table stickyHeader verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Person</Table.Th>
              <Table.Th>Field</Table.Th>
              <Table.Th>Before</Table.Th>
              <Table.Th>After</Table.Th>
            </Table.Tr>
          </Table.Thead>
          {ordered.slice(0, shown).map((plan) => (
            <PlanRows key={plan.id} tenant={tenant} plan={plan} fields={fields} />
          ))}
        </Table>
      </div>
      {ordered.length > shown && (
        <Group>
          <Button variant="default" size="compact-sm" onClick={() => setShown(shown + pageSize)}>
            Show more ({(ordered.length - shown).toLocaleString('en')} left)
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function PlanRows({ tenant, plan, fields }: { tenant: string; plan: Plan; fields: readonly Field[] }) {
  const { id, name, changes } = plan;
  const person = (
    <Table.Th scope="row" fw={500} rowSpan={Math.max(1, changes.length)}>
      {name}
    </Table.Th>
  );
  if (changes.length === 0)
    return (
      <Table.Tbody>
        <Table.Tr>
          {person}
          <Table.Td colSpan={3}>
            <Text size="sm" c="dimmed">
              no change
            </Text>
          </Table.Td>
        </Table.Tr>
      </Table.Tbody>
    );
  return (
    <Table.Tbody>
      {changes.map((change, index) => (
        <Table.Tr key={`${id} ${change.path}`}>
          {index === 0 && person}
          <Table.Td>{labelIn(fields, change.path)}</Table.Td>
          <Table.Td>
            <ChangeValue tenant={tenant} change={change} side="before" fields={fields} />
          </Table.Td>
          <Table.Td fw={600}>
            <ChangeValue tenant={tenant} change={change} side="after" fields={fields} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  );
}

interface ValueProps {
  tenant: string;
  change: Pick<FieldChange, 'path' | 'before' | 'after'>;
  side: 'before' | 'after';
  fields: readonly Field[];
}

/** One side of a change, as people read it. */
export function ChangeValue({ tenant, change, side, fields }: ValueProps) {
  const value: Json | undefined = change[side];
  const field = fields.find(({ path }) => path === change.path);
  if (field?.kind === 'person' && typeof value === 'string') return <NameOf tenant={tenant} kind="person" id={value} />;
  return valueText(value);
}

/** What a path of a difference is called. */
export function labelIn(fields: readonly Field[], path: string): string {
  const field = fields.find((each) => each.path === path);
  if (field) return field.label;
  return labelOf(path);
}
