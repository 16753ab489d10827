import { Anchor, Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { client, messageOf, trpc } from '../connection.ts';
import { PastFields, PastHead } from './past-record.tsx';

interface Props {
  tenant: string;
  moment: string;
  id: string;
  onOpen: (to: { kind: 'person' | 'group'; id: string }) => void;
}

const pageSize = 200;

/** A group as it was, with its members of then. */
export function PastGroup({ tenant, moment, id, onOpen }: Props) {
  const group = useQuery(trpc.history.past.get.queryOptions({ tenant, type: 'Group', id, moment }));
  const members = useInfiniteQuery({
    queryKey: ['past members', tenant, id, moment],
    queryFn: ({ pageParam }) =>
      client.history.past.members.query({ tenant, id, moment, limit: pageSize, ...(pageParam !== '' && { after: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.value),
  });
  if (group.error)
    return (
      <Text p="lg" size="sm" role="alert">
        {messageOf(group.error)}
      </Text>
    );
  if (!group.data) return <Skeleton height={200} m="lg" />;
  const shown = members.data?.pages.flat() ?? [];
  return (
    <>
      <PastHead found={group.data} />
      <Stack className="scroll" px="lg" pb="lg" gap="lg" tabIndex={0} role="region" aria-label="Record of then">
        <PastFields tenant={tenant} found={group.data} />
        <section>
          <Title order={3} size="h5" mb={6}>
            Members
          </Title>
          {members.data && shown.length === 0 && <Text size="sm">Nobody.</Text>}
          {shown.map(({ value, display, type }) => (
            <div key={value}>
              <Anchor
                component="button"
                type="button"
                size="sm"
                onClick={() => onOpen({ kind: type === 'Group' ? 'group' : 'person', id: value })}
              >
                <bdi>{display || 'Somebody without a name'}</bdi>
              </Anchor>
            </div>
          ))}
          {members.hasNextPage && (
            <Button mt="sm" variant="default" loading={members.isFetchingNextPage} onClick={() => void members.fetchNextPage()}>
              Show more members
            </Button>
          )}
        </section>
      </Stack>
    </>
  );
}
