import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../connection.ts';

interface Props {
  tenant: string;
  /** Clients that have an exception. */
  taken: readonly string[];
  onAdd: (client: string) => void;
  onCancel: () => void;
}

const lookedAt = 500;
const clientMax = 256;

/** Chooses for which client rules are to differ: one that has worked here lately, or by its id. */
export function NewException({ tenant, taken, onAdd, onCancel }: Props) {
  const log = useQuery({ ...trpc.audit.list.queryOptions({ tenant, count: lookedAt }), staleTime: 0 });
  const [chosen, setChosen] = useState('');
  const [typed, setTyped] = useState('');
  const seen = new Map(
    (log.data?.entries ?? []).flatMap(({ actor }) =>
      actor.kind === 'agent' && !taken.includes(actor.id) ? [[actor.id, actor.name] as const] : [],
    ),
  );
  const client = chosen === '' ? typed.trim() : chosen;
  const isTaken = taken.includes(client);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (client !== '' && !isTaken) onAdd(client);
      }}
    >
      <Stack gap="md" maw={440}>
        <Title order={3} size="h4">
          Add an exception
        </Title>
        <Text size="sm">For one client, some rules may be stricter, or give more freedom.</Text>
        {seen.size > 0 && (
          <NativeSelect
            label="Client"
            description="Those that worked here lately"
            data={[
              { value: '', label: 'Another one …' },
              ...[...seen].map(([id, name]) => ({ value: id, label: `${name} (${id.slice(0, 24)})` })),
            ]}
            value={chosen}
            onChange={({ currentTarget }) => setChosen(currentTarget.value)}
          />
        )}
        {chosen === '' && (
          <TextInput
            label="Id or name of the client"
            description="As the history shows it. Clients choose their names themselves: give more freedom by id only."
            value={typed}
            maxLength={clientMax}
            autoComplete="off"
            error={isTaken ? 'It has an exception already.' : undefined}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
        <Group gap="xs">
          <Button type="submit" disabled={client === '' || isTaken}>
            Add
          </Button>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
