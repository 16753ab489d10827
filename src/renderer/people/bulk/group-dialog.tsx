import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client, messageOf, queryClient, trpc } from '../../connection.ts';
import { useNameOf } from '../name-of.tsx';
import { Picker } from '../picker.tsx';
import { people } from './result.tsx';

/** As many as fit into one request that asks who is in a group already. */
const askedAtOnce = 50;

/** Adds people to a group. Members are a set, so that nobody else's change is in the way. */
export function GroupDialog({ tenant, ids, onClose }: { tenant: string; ids: readonly string[]; onClose: () => void }) {
  const [group, setGroup] = useState('');
  const name = useNameOf(tenant, 'group', group === '' ? undefined : group) ?? '';
  const members = useQuery({
    queryKey: ['members among', tenant, group, ids],
    queryFn: () => membersAmong(tenant, group, ids),
    enabled: group !== '',
    staleTime: 0,
  });
  const inside = new Set(members.data);
  const outside = ids.filter((id) => !inside.has(id));
  const modify = useMutation({
    mutationFn: (change: { add?: string[]; remove?: string[] }) =>
      client.groups.modifyMembers.mutate({ tenant, id: group, ...change }),
    onSettled: () => {
      void queryClient.invalidateQueries(trpc.groups.pathFilter());
      void queryClient.invalidateQueries(trpc.people.list.pathFilter());
    },
  });
  const [added, setAdded] = useState<readonly string[]>();
  const [undone, setUndone] = useState(false);
  const problem = members.error ?? modify.error;
  return (
    <Modal opened onClose={onClose} title={`Add ${people(ids.length)} to a group`}>
      <Stack>
        {added === undefined ? (
          <Picker tenant={tenant} kind="group" label="Group" value={group} onChange={setGroup} />
        ) : (
          <Text size="sm" role="status">
            {undone ? `Undone: ${people(added.length)} taken out of ${name} again.` : `${people(added.length)} added to ${name}.`}
          </Text>
        )}
        {added === undefined && group !== '' && (
          <Text size="sm" role="status" mih={20}>
            {members.data &&
              (outside.length === 0
                ? 'All of them are in this group already.'
                : `${people(outside.length)} will be added${inside.size > 0 ? `; ${people(inside.size)} in it already` : ''}.`)}
          </Text>
        )}
        {problem && (
          <Text size="sm" c="red" role="alert">
            {messageOf(problem)}
          </Text>
        )}
        <Group justify="end" gap="xs">
          {added === undefined ? (
            <>
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button
                disabled={!members.data || outside.length === 0}
                loading={modify.isPending}
                onClick={() => modify.mutate({ add: outside }, { onSuccess: () => setAdded(outside) })}
              >
                Add {outside.length > 0 && members.data ? people(outside.length) : ''}
              </Button>
            </>
          ) : (
            <>
              {!undone && added.length > 0 && (
                <Button
                  variant="default"
                  loading={modify.isPending}
                  onClick={() => modify.mutate({ remove: [...added] }, { onSuccess: () => setUndone(true) })}
                >
                  Undo
                </Button>
              )}
              <Button onClick={onClose}>Close</Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** @returns those of the people who are direct members of the group, or of a group inside it. */
async function membersAmong(tenant: string, group: string, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let from = 0; from < ids.length; from += askedAtOnce) {
    const some = ids.slice(from, from + askedAtOnce).map((id) => `id eq ${JSON.stringify(id)}`);
    const filter = `groups.value eq ${JSON.stringify(group)} and (${some.join(' or ')})`;
    const { rows } = await client.people.list.query({ tenant, filter, offset: 0, limit: askedAtOnce });
    found.push(...rows.map(({ id }) => id));
  }
  return found;
}
