import { Button, Center, Loader, Stack, Text } from '@mantine/core';
import { useEffect, type KeyboardEvent } from 'react';
import type { AuditEntry } from '../../directory/pure.ts';
import { messageOf } from '../connection.ts';
import { useRows } from '../groups/use-rows.ts';
import { AuthorIcon } from '../history/author-icon.tsx';
import { exactTime } from '../words.ts';
import { deedOf, isTrouble, timeOf, whoOf } from './audit-words.ts';
import type { useEntries } from './use-entries.ts';

interface Props {
  found: ReturnType<typeof useEntries>;
  openSeq: number | undefined;
  isFiltered: boolean;
  onOpen: (entry: AuditEntry) => void;
  onClear: () => void;
}

const rowHeight = 36;
const readAheadRows = 20;

/** The log, newest first: only the rows on screen exist, and older ones are read when one comes near the end. */
export function EntriesTable({ found, openSeq, isFiltered, onOpen, onClear }: Props) {
  const { entries, pages, searchedTo } = found;
  const { scroller, rows, active, setActive, moveBy } = useRows(entries.length, rowHeight);
  const visible = rows.getVirtualItems();
  const { hasNextPage, isFetching, isError, fetchNextPage } = pages;
  const isNearEnd = (visible.at(-1)?.index ?? 0) >= entries.length - readAheadRows;
  useEffect(() => {
    if (isNearEnd && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetching, isError, fetchNextPage]);
  const onKeyDown = (event: KeyboardEvent) => {
    const entry = entries[active];
    if (!moveBy(event) && event.key === 'Enter' && entry) onOpen(entry);
  };
  if (pages.error && entries.length === 0)
    return (
      <Center p="xl">
        <Stack align="center">
          <Text size="sm" role="alert">
            {messageOf(pages.error)}
          </Text>
          <Button variant="default" onClick={() => void pages.refetch()}>
            Try again
          </Button>
        </Stack>
      </Center>
    );
  return (
    <>
      <div role="grid" aria-label="Log" aria-rowcount={hasNextPage ? -1 : entries.length + 1} className="audit-grid">
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className="table-row table-head audit-columns">
            {['When', 'Who', 'What'].map((name) => (
              <div key={name} role="columnheader">
                <span className="heading">{name}</span>
              </div>
            ))}
          </div>
        </div>
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the rows inside are what is focused */}
        <div role="rowgroup" ref={scroller} className="scroll" onKeyDown={onKeyDown}>
          {entries.length === 0 ? (
            <div role="row">
              <div role="gridcell">
                {hasNextPage || pages.isPending ? (
                  <Center p="xl">
                    <Loader size="sm" aria-label="Searching" />
                  </Center>
                ) : (
                  <Empty isFiltered={isFiltered} onClear={onClear} />
                )}
              </div>
            </div>
          ) : (
            <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
              {visible.map(({ index, start }) => {
                const entry = entries[index];
                return (
                  entry && (
                    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the group above has the keys
                    <div
                      key={entry.seq}
                      role="row"
                      className="table-row audit-columns"
                      aria-rowindex={index + 2}
                      aria-selected={entry.seq === openSeq}
                      tabIndex={index === active ? 0 : -1}
                      style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                      onClick={() => {
                        setActive(index);
                        onOpen(entry);
                      }}
                    >
                      <Cells entry={entry} />
                    </div>
                  )
                );
              })}
            </div>
          )}
        </div>
      </div>
      <Text size="xs" c="dimmed" className="audit-foot" role="status">
        {footOf({ count: entries.length, isMore: hasNextPage, isFetching, searchedTo })}
      </Text>
    </>
  );
}

function Cells({ entry }: { entry: AuditEntry }) {
  const deed = deedOf(entry);
  return (
    <>
      <span role="gridcell" className="cell dimmed" title={exactTime(entry.at)}>
        {timeOf(entry)}
      </span>
      <span role="gridcell" className="cell audit-who">
        <AuthorIcon author={entry.actor} />
        <bdi className="cell">{whoOf(entry)}</bdi>
      </span>
      <span role="gridcell" className="cell audit-what" data-trouble={isTrouble(entry)} title={deed}>
        <bdi>{deed}</bdi>
      </span>
    </>
  );
}

function Empty({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  return (
    <Center p="xl">
      <Stack align="center" gap="sm">
        <Text size="sm">{isFiltered ? 'Nothing in the log fits.' : 'Nothing has happened yet.'}</Text>
        {isFiltered && (
          <Button variant="default" onClick={onClear}>
            Show everything
          </Button>
        )}
      </Stack>
    </Center>
  );
}

function footOf(state: { count: number; isMore: boolean; isFetching: boolean; searchedTo: string | undefined }): string {
  const { count, isMore, isFetching, searchedTo } = state;
  if (isMore && isFetching && searchedTo !== undefined) return `Looking further back than ${exactTime(searchedTo)} …`;
  const shown = `${count.toLocaleString('en')} ${count === 1 ? 'entry' : 'entries'}`;
  return isMore ? `${shown}, scroll for older ones` : shown;
}
