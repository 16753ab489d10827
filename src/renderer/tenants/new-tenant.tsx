import { Alert, Button, Group, Paper, Stack, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { idProblem, suggestId } from './tenant-id.ts';

interface Props {
  taken: ReadonlySet<string>;
  onAdded: (id: string) => void;
  onClose: () => void;
}

/** Adds a tenant. Its id is for addresses and programs, and stays; the name suggests one. */
export function NewTenant({ taken, onAdded, onClose }: Props) {
  const [name, setName] = useState('');
  const [typedId, setTypedId] = useState<string>();
  const id = typedId ?? suggestId(name, taken);
  const problem = id === '' && name === '' ? undefined : idProblem(id, taken);
  const create = useMutation({
    mutationFn: () => client.tenants.create.mutate({ id, name: name.trim() }),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.tenants.list.pathFilter());
      notifications.show({ message: `${name.trim()} is there now` });
      onAdded(id);
    },
  });
  const canAdd = name.trim() !== '' && problem === undefined && !create.isPending;
  return (
    <Paper withBorder p="md" radius="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canAdd) create.mutate();
        }}
      >
        <Stack gap="sm">
          <Title order={3} size="h5">
            New tenant
          </Title>
          {create.error && (
            <Alert color="red" title="Not added" role="alert" py="xs">
              {messageOf(create.error)}
            </Alert>
          )}
          <div className="fields">
            <TextInput
              label="Name"
              required
              maxLength={100}
              autoComplete="off"
              autoFocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <TextInput
              label="Id"
              description="For addresses and programs. It cannot be changed later."
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              required
              maxLength={63}
              autoComplete="off"
              spellCheck={false}
              value={id}
              error={problem}
              onChange={(event) => setTypedId(event.currentTarget.value)}
            />
          </div>
          <Group gap={6}>
            <Button type="submit" disabled={!canAdd} loading={create.isPending}>
              Add
            </Button>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
