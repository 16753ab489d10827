import { Anchor, Badge, Button, SegmentedControl, Skeleton, Text, Title } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownConflict } from '../../api/index.ts';
import { Ago } from '../ago.tsx';
import { messageOf, trpc } from '../connection.ts';
import type { Opened } from '../navigation.ts';
import { authorName, labelOf, listOf, typeWords } from '../words.ts';
import { durationText, outcomeOf } from './words.ts';

interface Props {
  tenant: string;
  /** How far back. */
  hours: number;
  onShow: (subject: Opened) => void;
}

const states = [
  { value: 'all', label: 'All' },
  { value: 'open', label: 'Open' },
  { value: 'waiting', label: 'With people' },
  { value: 'resolved', label: 'Settled' },
  { value: 'abandoned', label: 'Given up' },
] as const;
type State = (typeof states)[number]['value'];

/** The conflicts one by one, newest first. */
export function ConflictList({ tenant, hours, onShow }: Props) {
  const [state, setState] = useState<State>('all');
  const pages = useInfiniteQuery({
    ...trpc.conflicts.list.infiniteQueryOptions(
      { tenant, hours, ...(state !== 'all' && { state }) },
      { getNextPageParam: ({ nextCursor }) => nextCursor },
    ),
    placeholderData: keepPreviousData,
  });
  const found = pages.data?.pages.flatMap((page) => page.conflicts) ?? [];
  return (
    <section aria-label="Each conflict">
      <div className="conflict-list-head">
        <Title order={3} size="h6">
          Each conflict
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="Which conflicts"
          value={state}
          onChange={(value) => setState(value)}
          data={states.map((one) => ({ ...one }))}
        />
      </div>
      {pages.error ? (
        <Text size="sm" role="alert">
          {messageOf(pages.error)}
        </Text>
      ) : pages.data === undefined ? (
        <Skeleton height={80} />
      ) : found.length === 0 ? (
        <Text size="sm" c="dimmed" py="md">
          None of these.
        </Text>
      ) : (
        <table className="conflict-list">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Person or group</th>
              <th scope="col">Refused</th>
              <th scope="col">What others had changed</th>
              <th scope="col">What became of it</th>
            </tr>
          </thead>
          <tbody>
            {found.map((conflict) => (
              <Row key={conflict.id} conflict={conflict} onShow={onShow} />
            ))}
          </tbody>
        </table>
      )}
      {pages.hasNextPage && (
        <Button
          variant="default"
          size="compact-sm"
          mt="sm"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </section>
  );
}

function Row({ conflict, onShow }: { conflict: ShownConflict; onShow: (subject: Opened) => void }) {
  const { type, resourceId, name, kind, author, others, fields, overlapping, attempts, openedAt, settledAt } = conflict;
  const labels = (paths: readonly string[]) => listOf(paths.map((path) => labelOf(path).toLowerCase()));
  const took = settledAt === undefined ? undefined : Date.parse(settledAt) - Date.parse(openedAt);
  return (
    <tr>
      <td data-label="When">
        <Ago at={openedAt} />
      </td>
      <td data-label="Person or group">
        {name === undefined ? (
          <Text span size="sm" c="dimmed">
            {typeWords[type].one.replace('a', 'A')} who is not here any more
          </Text>
        ) : type === 'Agent' ? (
          <bdi>{name}</bdi>
        ) : (
          <Anchor
            component="button"
            type="button"
            size="sm"
            ta="start"
            className="wraps"
            onClick={() => onShow({ kind: type === 'Group' ? 'group' : 'person', id: resourceId })}
          >
            <bdi>{name}</bdi>
          </Anchor>
        )}
      </td>
      <td data-label="Refused">
        <bdi>{authorName(author)}</bdi>
        <span className="sub">
          {kind === 'STALE_BODY' ? 'would have undone others’ work' : attempts === 1 ? 'once' : `${attempts} times`}
        </span>
      </td>
      <td data-label="What others had changed">
        {others.length > 0 && <bdi>{listOf(others.map(authorName), 2)}: </bdi>}
        {fields.length === 0 ? 'not known' : labels(fields)}
        <span className="sub">{overlapping.length === 0 ? 'nothing the same' : `both changed ${labels(overlapping)}`}</span>
      </td>
      <td data-label="What became of it">
        <Badge
          variant="outline"
          color="gray"
          c="var(--mantine-color-text)"
          className="conflict-state"
          data-state={conflict.state}
        >
          {outcomeOf(conflict)}
        </Badge>
        {took !== undefined && <span className="sub">after {durationText(took)}</span>}
      </td>
    </tr>
  );
}
