import { Button, Center, Loader, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowsExchange, IconGitMerge, IconPlugConnected, IconRobot } from '@tabler/icons-react';
import { useEffect, type KeyboardEvent } from 'react';
import type { ApprovalRequest, ListedEscalation } from '../../api/index.ts';
import { Ago } from '../ago.tsx';
import { messageOf } from '../connection.ts';
import { useRows } from '../groups/use-rows.ts';
import type { InboxFilter, useEscalations } from './use-escalations.ts';
import { shortEnd, wantsTo } from './words.ts';

interface Props {
  requests: readonly ApprovalRequest[];
  found: ReturnType<typeof useEscalations>;
  filter: InboxFilter;
  openId: string | undefined;
  onOpen: (id: string) => void;
}

const rowHeight = 64;
const readAheadRows = 20;

const kinds = {
  approval: { icon: IconRobot, name: 'Question' },
  conflict: { icon: IconGitMerge, name: 'Conflict' },
  negotiation: { icon: IconArrowsExchange, name: 'Between agents' },
  access: { icon: IconPlugConnected, name: 'Access' },
};

/** What waits, then what was answered: only the rows on screen exist. */
export function InboxList({ requests, found, filter, openId, onOpen }: Props) {
  const { escalations, error, isReading, isMore, readOn, readAgain } = found;
  const items: (ApprovalRequest | ListedEscalation)[] = [...requests, ...escalations];
  const { scroller, rows, active, setActive, moveBy } = useRows(items.length, rowHeight);
  const visible = rows.getVirtualItems();
  const isNearEnd = (visible.at(-1)?.index ?? 0) >= items.length - readAheadRows;
  useEffect(() => {
    if (isNearEnd && isMore) readOn();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const item = items[active];
    if (!moveBy(event) && (event.key === 'Enter' || event.key === ' ') && item) {
      event.preventDefault();
      onOpen(item.id);
    }
  };
  if (error && items.length === 0)
    return (
      <Center p="xl">
        <Stack align="center">
          <Text size="sm" role="alert">
            {messageOf(error)}
          </Text>
          <Button variant="default" onClick={readAgain}>
            Try again
          </Button>
        </Stack>
      </Center>
    );
  if (items.length === 0)
    return (
      <Center p="xl">{isReading || isMore ? <Loader size="sm" aria-label="Loading" /> : <Nothing filter={filter} />}</Center>
    );
  return (
    <div role="grid" aria-label="What waits" aria-rowcount={isMore ? -1 : items.length + 1} className="inbox-grid">
      <VisuallyHidden role="rowgroup">
        <div role="row" aria-rowindex={1}>
          <span role="columnheader">What is asked</span>
        </div>
      </VisuallyHidden>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the rows inside are what is focused */}
      <div role="rowgroup" ref={scroller} className="scroll" onKeyDown={onKeyDown}>
        <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {visible.map(({ index, start }) => {
            const item = items[index];
            return (
              item && (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the group above has the keys
                <div
                  key={item.id}
                  role="row"
                  className="table-row inbox-row"
                  aria-rowindex={index + 2}
                  aria-selected={item.id === openId}
                  tabIndex={index === active ? 0 : -1}
                  style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                  onClick={() => {
                    setActive(index);
                    onOpen(item.id);
                  }}
                >
                  <div role="gridcell" className="inbox-cell">
                    {'clientName' in item ? <AccessRow request={item} /> : <EscalationRow escalation={item} />}
                  </div>
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function AccessRow({ request }: { request: ApprovalRequest }) {
  return (
    <>
      <Kind kind="access" isWaiting />
      <span className="inbox-text">
        <span className="cell">
          <strong>{request.clientName}</strong> asks for access
        </span>
        <span className="sub">Waiting</span>
      </span>
    </>
  );
}

function EscalationRow({ escalation }: { escalation: ListedEscalation }) {
  const { kind, from, created, decidedAt, state } = escalation;
  return (
    <>
      <Kind kind={kind} isWaiting={state === 'pending'} />
      <span className="inbox-text">
        <span className="cell">
          <strong>{from.name}</strong> {wantsTo(escalation)}
        </span>
        <span className="sub">
          {shortEnd(escalation)} · <Ago at={decidedAt ?? created} />
        </span>
      </span>
    </>
  );
}

function Kind({ kind, isWaiting }: { kind: keyof typeof kinds; isWaiting: boolean }) {
  const { icon: Icon, name } = kinds[kind];
  return (
    <span className="inbox-kind" data-waiting={isWaiting}>
      <Icon size={18} aria-label={name} />
    </span>
  );
}

function Nothing({ filter }: { filter: InboxFilter }) {
  const isAll = filter === 'all' || filter === 'pending';
  return (
    <Stack gap={4} align="center" ta="center">
      <Text fw={600}>{isAll ? 'Nothing waits for you' : 'There is nothing like this'}</Text>
      <Text size="sm" c="dimmed" maw={280}>
        {filter === 'agents'
          ? 'When one agent asks another before it changes something, it is shown here.'
          : isAll
            ? 'What agents may not do without a person, as the policy says, is asked here.'
            : 'Choose something else to show.'}
      </Text>
    </Stack>
  );
}
