import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { HistoryEntry } from '../../api/index.ts';
import type { Comparison, FieldChange, ResourceType } from '../../directory/pure.ts';
import { client, messageOf, queryClient, refusalOf, trpc } from '../connection.ts';
import { toastWithUndo } from '../editor/use-save.tsx';
import { byName, listOf } from '../words.ts';
import { ComparisonTable } from './comparison-table.tsx';
import { momentText } from './words.ts';

/** What shows the resources of a type. */
const listed = { User: 'people', Group: 'groups', Agent: 'clients' } as const;

interface Props {
  tenant: string;
  type: ResourceType;
  id: string;
  name: string;
  entry: HistoryEntry;
  onClose: () => void;
}

/** Shows what going back to a version would change, lets fields be left out, and does it. */
export function RevertDialog({ tenant, type, id, name, entry, onClose }: Props) {
  const { revision, at, author } = entry;
  // From then to now; shown the other way round.
  const compared = useQuery(trpc.history.compare.queryOptions({ tenant, type, id, from: revision }, { staleTime: 0, gcTime: 0 }));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const { data } = compared;
  const rows = rowsOf(data);
  const chosen = rows.filter(({ path }) => !left.has(path));
  const isDeleted = data?.to.operation === 'delete';
  const revert = useMutation({
    mutationFn: async ({ to }: Comparison) => {
      const isPart = chosen.length < rows.length;
      const reverted = await client.history.revert.mutate({
        tenant,
        type,
        id,
        revision,
        ...(!isDeleted && { expectedVersion: to.version }),
        ...(isPart && { fields: chosen.map(({ path }) => path) }),
      });
      const gone = reverted.leftOut.map(({ display }) => display ?? 'somebody');
      const what = isDeleted ? `Brought back as of ${momentText(at)}` : `Went back to ${momentText(at)}`;
      const text =
        gone.length === 0
          ? what
          : `${what}, without ${listOf(gone)}, who ${gone.length === 1 ? 'does' : 'do'} not exist any more`;
      onClose();
      if (isDeleted) notifications.show({ message: text });
      else
        toastWithUndo(text, () =>
          client.history.revert.mutate({ tenant, type, id, revision: to.revision, expectedVersion: reverted.version }),
        );
    },
    onError: (error) => {
      if (refusalOf(error)?.code === 'VERSION_MISMATCH') void compared.refetch();
    },
    onSettled: () => {
      void queryClient.invalidateQueries(trpc.history.list.pathFilter());
      void queryClient.invalidateQueries(trpc[listed[type]].pathFilter());
    },
  });
  const toggle = (path: string) => {
    const next = new Set(left);
    if (!next.delete(path)) next.add(path);
    setLeft(next);
  };
  return (
    <Modal opened onClose={onClose} size="xl" title={<span className="wraps">Go back to {momentText(at)}?</span>}>
      <Stack gap="md">
        <Text size="sm" className="wraps">
          <strong>{name}</strong> as {byName(author)} left it then. What is there now stays in the history.
        </Text>
        {compared.error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {messageOf(compared.error)}
          </Text>
        )}
        {!data && !compared.error && <Skeleton height={120} />}
        {data && rows.length === 0 && (
          <Text size="sm" role="status">
            Nothing would change: it is the same now.
          </Text>
        )}
        {rows.length > 0 && (
          <ComparisonTable
            tenant={tenant}
            label="What would change"
            changes={rows.map(({ path, before, after }) => ({
              path,
              ...(after !== undefined && { before: after }),
              ...(before !== undefined && { after: before }),
            }))}
            left={isDeleted ? 'Now (deleted)' : 'Now'}
            right={momentText(at)}
            chosen={isDeleted ? undefined : { has: (path) => !left.has(path), toggle }}
          />
        )}
        {revert.error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {refusalOf(revert.error)?.code === 'VERSION_MISMATCH'
              ? 'Somebody has changed it meanwhile. What would change is shown anew; look at it, then go back.'
              : messageOf(revert.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button
            disabled={!data || chosen.length === 0 || compared.isFetching}
            loading={revert.isPending}
            onClick={() => data && revert.mutate(data)}
          >
            {isDeleted
              ? 'Bring back'
              : chosen.length < rows.length
                ? `Go back with ${chosen.length} of ${rows.length}`
                : 'Go back'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** The fields that differ; the members of a group are one choice, since they may be thousands. */
function rowsOf(compared: Comparison | undefined): FieldChange[] {
  if (!compared) return [];
  const fields = compared.changes.filter(({ path }) => !path.startsWith('members['));
  const { members } = compared;
  if (!members || members.added + members.removed === 0) return fields;
  const names = (side: 'before' | 'after') =>
    compared.changes.flatMap((change) => {
      const value = change.path.startsWith('members[') ? change[side] : undefined;
      return value === undefined ? [] : [nameIn(value)];
    });
  const text = (count: number, list: readonly string[]) =>
    count === 0 ? 'nobody else' : `${count.toLocaleString('en')}: ${listOf(list, 5)}`;
  return [
    ...fields,
    { path: 'members', before: text(members.removed, names('before')), after: text(members.added, names('after')) },
  ];
}

function nameIn(value: NonNullable<FieldChange['before']>): string {
  const display = typeof value === 'object' && !Array.isArray(value) ? value['display'] : undefined;
  return typeof display === 'string' ? display : 'somebody';
}
