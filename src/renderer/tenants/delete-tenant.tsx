import { Button, Group, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Tenant } from '../../directory/pure.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';

/** Deletes a tenant with everything in it. It cannot be undone, so its id is to be typed. */
export function DeleteTenant({ tenant: { id, name }, onClose }: { tenant: Tenant; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const people = useQuery(trpc.people.list.queryOptions({ tenant: id, offset: 0, limit: 1 }));
  const groups = useQuery(trpc.groups.list.queryOptions({ tenant: id, offset: 0, limit: 1 }));
  const remove = useMutation({
    mutationFn: async () => {
      await client.tenants.delete.mutate({ id });
      notifications.show({ message: `${name} is deleted` });
    },
    onSettled: () => queryClient.invalidateQueries(trpc.tenants.list.pathFilter()),
  });
  const count = (total: number | undefined, one: string, many: string) =>
    total === undefined ? `all ${many}` : `${total.toLocaleString('en')} ${total === 1 ? one : many}`;
  return (
    <form
      className="banner"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === id) remove.mutate();
      }}
    >
      <Text fw={600} size="sm" className="wraps">
        Delete {name} with {count(people.data?.total, 'person', 'people')} and {count(groups.data?.total, 'group', 'groups')}?
      </Text>
      <Text size="sm">Its history and the access that was given to it go too. This cannot be undone.</Text>
      <TextInput
        mt="xs"
        maw={360}
        label={`Type ${id} to confirm`}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {remove.error && (
        <Text size="sm" role="alert" mt="xs">
          {messageOf(remove.error)}
        </Text>
      )}
      <Group gap="xs" mt="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" color="red.9" disabled={typed !== id} loading={remove.isPending}>
          Delete for good
        </Button>
      </Group>
    </form>
  );
}
