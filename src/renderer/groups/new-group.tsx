import { Alert, Button, Group, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { messageOf } from '../connection.ts';
import { useCreateGroup } from './use-group.ts';

/** A group begins with a name; its members come next. */
export function NewGroup(props: { tenant: string; onCreated: (id: string) => void; onClose: () => void }) {
  const { tenant, onCreated, onClose } = props;
  const [name, setName] = useState('');
  const create = useCreateGroup(tenant);
  return (
    <form
      className="new-group"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '' && !create.isPending) create.mutate(name.trim(), { onSuccess: onCreated });
      }}
    >
      <div>
        <Title order={2} size="h3">
          New group
        </Title>
        <Text size="sm" c="dimmed">
          A name is all that is needed; then you can add members.
        </Text>
      </div>
      {create.error && (
        <Alert color="red" title="Not added" role="alert">
          {messageOf(create.error)}
        </Alert>
      )}
      <TextInput
        label="Name"
        required
        maw={420}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        // The form was opened to write into it.
        autoFocus
      />
      <Group gap={6}>
        <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
          Add
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
