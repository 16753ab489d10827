import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { HistoryEntry } from '../../api/index.ts';
import type { ResourceType } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { messageOf, trpc } from '../connection.ts';
import { authorName, byName } from '../words.ts';
import { AuthorIcon } from './author-icon.tsx';
import { ChangeLines } from './change-lines.tsx';
import { CompareDialog } from './compare-dialog.tsx';
import { HistoryFilters, noFilter, type Filter } from './filters.tsx';
import './history.css';
import { RevertDialog } from './revert-dialog.tsx';
import { UndoDialog, type UndoSelection } from './undo-dialog.tsx';
import { deed, doors } from './words.ts';

interface Props {
  tenant: string;
  type: ResourceType;
  id: string;
  /** What people call it. */
  name: string;
}

type Asked =
  | { kind: 'compare'; entry: HistoryEntry }
  | { kind: 'revert'; entry: HistoryEntry }
  | { kind: 'undo'; what: UndoSelection };

const pageSize = 30;

/** Everything that ever happened to a person or a group, newest first, and the ways back. */
export function HistoryTimeline({ tenant, type, id, name }: Props) {
  const [filter, setFilter] = useState<Filter>(noFilter);
  const [asked, setAsked] = useState<Asked>();
  const history = useInfiniteQuery({
    ...trpc.history.list.infiniteQueryOptions(
      { tenant, type, id, limit: pageSize, ...filter },
      { getNextPageParam: ({ next }) => next },
    ),
    placeholderData: (before) => before,
  });
  if (history.error && !history.data)
    return (
      <Stack align="flex-start">
        <Text size="sm" role="alert">
          {messageOf(history.error)}
        </Text>
        <Button variant="default" onClick={() => void history.refetch()}>
          Try again
        </Button>
      </Stack>
    );
  if (!history.data) return <Skeleton height={160} />;
  const { pages } = history.data;
  const entries = pages.flatMap((page) => page.entries);
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <HistoryFilters type={type} entries={entries} filter={filter} onChange={setFilter} />
      {entries.length === 0 && (
        <Text size="sm" mt="md">
          Nothing in the history fits.{' '}
          <Button variant="subtle" size="compact-sm" onClick={() => setFilter(noFilter)}>
            Show everything
          </Button>
        </Text>
      )}
      <ol className="history" aria-label="History" data-stale={history.isPlaceholderData}>
        {entries.map((entry, index) => (
          <Entry
            key={entry.revision}
            tenant={tenant}
            type={type}
            entry={entry}
            isNewest={index === 0 && !isFiltered}
            onAsk={setAsked}
          />
        ))}
      </ol>
      {history.hasNextPage ? (
        <Button variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          Show earlier changes
        </Button>
      ) : (
        pages.at(-1)?.pruned && (
          <Text size="sm" c="dimmed">
            What happened before is no longer kept.
          </Text>
        )
      )}
      {asked?.kind === 'compare' && (
        <CompareDialog
          {...{ tenant, type, id, name, entries }}
          entry={asked.entry}
          onRevert={(entry) => setAsked({ kind: 'revert', entry })}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked?.kind === 'revert' && (
        <RevertDialog {...{ tenant, type, id, name }} entry={asked.entry} onClose={() => setAsked(undefined)} />
      )}
      {asked?.kind === 'undo' && <UndoDialog tenant={tenant} what={asked.what} onClose={() => setAsked(undefined)} />}
    </>
  );
}

interface EntryProps {
  tenant: string;
  type: ResourceType;
  entry: HistoryEntry;
  isNewest: boolean;
  onAsk: (asked: Asked) => void;
}

function Entry({ tenant, type, entry, isNewest, onAsk }: EntryProps) {
  const { author, at, operation, changes, revision } = entry;
  const { run } = author;
  const what = authorName(author) === 'You' ? 'your change' : `what ${byName(author)} did`;
  const isChange = operation === 'replace' || operation === 'patch';
  return (
    <li className="history-entry">
      <span className="history-icon" data-kind={author.kind}>
        <AuthorIcon author={author} />
      </span>
      <div className="history-text">
        <p className="history-deed">{deed(type, entry)}</p>
        <div className="history-line">
          <span>
            <Ago at={at} />
            {author.door !== 'window' && ` · ${doors[author.door]}`}
          </span>
          <span className="history-actions">
            <Action label="Compare" of={entry} type={type} onAct={() => onAsk({ kind: 'compare', entry })} />
            {!isNewest && operation !== 'delete' && (
              <Action label="Go back to this" of={entry} type={type} onAct={() => onAsk({ kind: 'revert', entry })} />
            )}
            {isChange && (
              <Action
                label="Undo only this"
                of={entry}
                type={type}
                onAct={() => onAsk({ kind: 'undo', what: { title: `Undo ${what}?`, revision } })}
              />
            )}
            {run !== undefined && (
              <Action
                label="Undo this whole run"
                of={entry}
                type={type}
                onAct={() =>
                  onAsk({
                    kind: 'undo',
                    what: { title: `Undo all that ${byName(author)} did in this run?`, author: author.id, run },
                  })
                }
              />
            )}
          </span>
        </div>
        {operation !== 'delete' && (isChange || type === 'Group') && (
          <ChangeLines tenant={tenant} changes={isChange ? changes : changes.filter(({ path }) => path.startsWith('members'))} />
        )}
      </div>
    </li>
  );
}

/** A plain button: a long timeline has hundreds of them. */
function Action({ label, of, type, onAct }: { label: string; of: HistoryEntry; type: ResourceType; onAct: () => void }) {
  return (
    <button type="button" className="history-action" aria-label={`${label}: ${deed(type, of)}, ${of.at}`} onClick={onAct}>
      {label}
    </button>
  );
}
