import { Button, Group, Modal, NativeSelect, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { HistoryEntry } from '../../api/index.ts';
import type { ResourceType } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { authorName, exactTime } from '../words.ts';
import { ComparisonTable } from './comparison-table.tsx';

interface Props {
  tenant: string;
  type: ResourceType;
  id: string;
  name: string;
  /** What there is to choose from, newest first. */
  entries: readonly HistoryEntry[];
  /** Where the question was asked. */
  entry: HistoryEntry;
  onRevert: (entry: HistoryEntry) => void;
  onClose: () => void;
}

/** Any two versions of a person or group side by side. */
export function CompareDialog({ tenant, type, id, name, entries, entry, onRevert, onClose }: Props) {
  const index = entries.indexOf(entry);
  const [from, setFrom] = useState((entries[index + 1] ?? entry).revision);
  const [to, setTo] = useState(entry.revision);
  const compared = useQuery(trpc.history.compare.queryOptions({ tenant, type, id, from, to }, { staleTime: Infinity }));
  const left = entries.find(({ revision }) => revision === from);
  const choices = entries.map(({ revision, at, author }, place) => ({
    value: String(revision),
    label: `${place === 0 ? 'Newest: ' : ''}${exactTime(at)}, by ${authorName(author) === 'You' ? 'you' : authorName(author)}`,
  }));
  const { data } = compared;
  const hidden =
    (data?.members ? data.members.added + data.members.removed : 0) -
    (data?.changes.filter(({ path }) => path.startsWith('members[')).length ?? 0);
  return (
    <Modal opened onClose={onClose} size="xl" title={<span className="wraps">Compare versions of {name}</span>}>
      <Stack gap="md">
        <div className="comparison-choice">
          <NativeSelect
            label="Left"
            data={choices}
            value={String(from)}
            onChange={({ currentTarget }) => setFrom(Number(currentTarget.value))}
          />
          <NativeSelect
            label="Right"
            data={choices}
            value={String(to)}
            onChange={({ currentTarget }) => setTo(Number(currentTarget.value))}
          />
        </div>
        {compared.error ? (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {messageOf(compared.error)}
          </Text>
        ) : !data ? (
          <Skeleton height={120} />
        ) : data.changes.length === 0 ? (
          <Text size="sm" role="status">
            These two versions are the same.
          </Text>
        ) : (
          <>
            <ComparisonTable
              tenant={tenant}
              label="What differs"
              changes={data.changes}
              left={exactTime(data.from.at)}
              right={exactTime(data.to.at)}
            />
            {hidden > 0 && <Text size="sm">… and {hidden.toLocaleString('en')} more members</Text>}
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          {left && left !== entries[0] && left.operation !== 'delete' && (
            <Button onClick={() => onRevert(left)}>Go back to the left one …</Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
