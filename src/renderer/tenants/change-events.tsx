import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { NewReceiver } from './new-receiver.tsx';
import { Receiver } from './receiver.tsx';

const lookAgainMs = 3000;

/** Programs elsewhere that are told of each change in a tenant: how they are doing, and what can be done about it. */
export function ChangeEvents({ tenant }: { tenant: string }) {
  const [adding, setAdding] = useState(false);
  const receivers = useQuery({ ...trpc.eventStreams.list.queryOptions({ tenant }), refetchInterval: lookAgainMs });
  const about = useQuery(trpc.app.about.queryOptions());
  const changed = () => queryClient.invalidateQueries(trpc.eventStreams.list.pathFilter());
  const act = useMutation({
    mutationFn: async ({ name, what }: { name: string; what: 'resume' | 'skip' | 'remove' }) => {
      if (what === 'remove') await client.eventStreams.remove.mutate({ tenant, name });
      else await client.eventStreams.resume.mutate({ tenant, name, skip: what === 'skip' });
      notifications.show({ message: { resume: 'Trying again', skip: 'Passed over', remove: `${name} is removed` }[what] });
    },
    onSettled: changed,
  });
  const error = receivers.error ?? act.error;
  return (
    <section aria-labelledby={`events-${tenant}`}>
      <Stack gap="xs">
        <Title order={4} size="h6" id={`events-${tenant}`}>
          Change events
        </Title>
        <Text size="sm" c="dimmed">
          {receivers.data?.length === 0
            ? 'Programs elsewhere can be told of each change of a person or group here. So far none is.'
            : 'These programs are told of each change of a person or group here.'}
        </Text>
        {receivers.data && receivers.data.length > 0 && (
          <ul className="receivers">
            {receivers.data.map((receiver) => (
              <Receiver
                key={receiver.name}
                receiver={receiver}
                pollUrl={about.data && `${new URL(about.data.mcpUrl).origin}/scim/v2/events/${receiver.name}`}
                isBusy={act.isPending}
                onAct={(what) => act.mutate({ name: receiver.name, what })}
              />
            ))}
          </ul>
        )}
        {error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {messageOf(error)}
          </Text>
        )}
        {adding ? (
          <NewReceiver
            tenant={tenant}
            taken={new Set(receivers.data?.map(({ name }) => name))}
            onAdded={async (name) => {
              await changed();
              setAdding(false);
              notifications.show({ message: `${name} is told from now on` });
            }}
            onClose={() => setAdding(false)}
          />
        ) : (
          <Group>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => setAdding(true)}
            >
              Add a receiver
            </Button>
          </Group>
        )}
      </Stack>
    </section>
  );
}
