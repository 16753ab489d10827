import { Anchor, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { messageOf, trpc } from '../connection.ts';
import { PastFields, PastHead } from './past-record.tsx';

interface Props {
  tenant: string;
  moment: string;
  id: string;
  onOpen: (to: { kind: 'person' | 'group'; id: string }) => void;
}

/** A person as they were. */
export function PastPerson({ tenant, moment, id, onOpen }: Props) {
  const person = useQuery(trpc.history.past.get.queryOptions({ tenant, type: 'User', id, moment }));
  const groups = useQuery(trpc.history.past.groupsOf.queryOptions({ tenant, id, moment }));
  if (person.error)
    return (
      <Text p="lg" size="sm" role="alert">
        {messageOf(person.error)}
      </Text>
    );
  if (!person.data) return <Skeleton height={200} m="lg" />;
  return (
    <>
      <PastHead found={person.data} />
      <Stack className="scroll" px="lg" pb="lg" gap="lg" tabIndex={0} role="region" aria-label="Record of then">
        <PastFields tenant={tenant} found={person.data} />
        <section>
          <Title order={3} size="h5" mb={6}>
            Groups
          </Title>
          {groups.data?.length === 0 && <Text size="sm">In no group.</Text>}
          {groups.data?.map(({ value, display }) => (
            <div key={value}>
              <Anchor component="button" type="button" size="sm" onClick={() => onOpen({ kind: 'group', id: value })}>
                <bdi>{display}</bdi>
              </Anchor>
            </div>
          ))}
        </section>
      </Stack>
    </>
  );
}
