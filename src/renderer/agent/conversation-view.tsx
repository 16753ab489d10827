import { Button, Center, Loader, Stack, Text, VisuallyHidden } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowDown } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { client, messageOf } from '../connection.ts';
import { UndoDialog } from '../history/undo-dialog.tsx';
import type { Opened } from '../navigation.ts';
import { announcementOf } from './announcement.ts';
import type { Conversation } from './conversation.ts';
import { ConversationRow, type RowActions } from './conversation-row.tsx';
import { pendingOf, type Row } from './rows.ts';
import { useFocusOnQuestions } from './use-focus-on-questions.ts';

interface Props {
  tenant: string;
  conversation: Conversation;
  rows: readonly Row[];
  /** Changes with each prompt that was sent from here: then the newest is what there is to see. */
  sent: number;
  onOpen: (to: Opened) => void;
  onModels: () => void;
  /** Where the person writes. */
  inputRef: RefObject<HTMLTextAreaElement | null>;
}

/** Of what stands above a question, a little is seen. */
const questionGapPx = 8;
/** How far from the end somebody is who still follows what comes. */
const endPx = 60;
const guessedPx: Record<Row['kind'], number> = {
  person: 44,
  text: 90,
  call: 96,
  question: 220,
  plan: 110,
  summary: 60,
  other: 60,
  end: 32,
  waiting: 60,
};

/** What was said and done in a conversation. Of a long one only what is on screen is drawn. */
export function ConversationView({ tenant, conversation, rows, sent, onOpen, onModels, inputRef }: Props) {
  const log = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  /** The request whose changes are to be undone: its task is also their run. */
  const [undoing, setUndoing] = useState<string>();
  const actions = useRowActions(tenant, { onOpen, onModels, onUndo: setUndoing });
  // oxlint-disable-next-line react/incompatible-library -- the compiler is not used here
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => log.current,
    estimateSize: (index) => guessedPx[rows[index]?.kind ?? 'text'],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
    gap: 10,
    paddingStart: 12,
    paddingEnd: 16,
  });
  /** Whether the reader wants to see what comes; who has scrolled up goes on reading. */
  const follows = useRef(true);
  const lastTop = useRef(0);
  const size = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    follows.current = true;
  }, [sent]);
  const asking = pendingOf(rows);
  const asked = asking[0]?.id;
  const askedStart = virtualizer.measurementsCache[rows.findIndex(({ key }) => key === asked)]?.start;
  useLayoutEffect(() => {
    const view = log.current;
    // Who fills in a form is not moved.
    if (!view || !follows.current || view.contains(document.activeElement)) return;
    const end = view.scrollHeight - view.clientHeight;
    // A question is read from its beginning, also where it is longer than the pane.
    view.scrollTop = askedStart === undefined ? end : Math.min(end, askedStart - questionGapPx);
  }, [size, rows, sent, askedStart]);
  useFocusOnQuestions(asking, log, inputRef);
  const contextId = conversation.context.id;
  const lastTask = conversation.tasks.findLast(({ type }) => type === 'mcp.add_prompt')?.id;
  return (
    <div className="conversation">
      {/* Scrollable, so it must be reachable from the keyboard. What streams is told in the line below, once. */}
      <div
        ref={log}
        className="scroll"
        role="log"
        aria-live="off"
        aria-label="Conversation with the agent"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          const isNear = scrollHeight - scrollTop - clientHeight < endPx;
          // What grew in the meantime is not scrolled away from; a person who goes up is.
          if (isNear) follows.current = true;
          else if (scrollTop < lastTop.current - 1) follows.current = false;
          lastTop.current = scrollTop;
          setAtEnd(isNear || follows.current);
        }}
      >
        <div style={{ height: size, position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index];
            return (
              row && (
                <div
                  key={key}
                  ref={virtualizer.measureElement}
                  data-index={index}
                  className="conversation-row"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <ConversationRow
                    tenant={tenant}
                    contextId={contextId}
                    row={row}
                    isLast={row.kind === 'end' && row.task.id === lastTask}
                    isAsking={asking.length > 0}
                    actions={actions}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!isAtEnd && (
        <Button
          className="to-end"
          variant="default"
          size="compact-sm"
          leftSection={<IconArrowDown size={14} aria-hidden />}
          onClick={() => {
            follows.current = true;
            virtualizer.scrollToEnd();
          }}
        >
          Newest
        </Button>
      )}
      <Announcements rows={rows} />
      {undoing !== undefined && (
        <UndoDialog
          tenant={tenant}
          what={{ title: 'Undo what the agent did for this request?', run: undoing }}
          onClose={() => setUndoing(undefined)}
        />
      )}
    </div>
  );
}

/** What can be done in a conversation; the same as long as what it is made of is. */
function useRowActions(tenant: string, { onOpen, onModels, onUndo }: Pick<RowActions, 'onOpen' | 'onModels' | 'onUndo'>) {
  const retry = useMutation({
    mutationFn: (taskId: string) => client.assistant.retry.mutate({ tenant, taskId }),
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
  });
  const cancel = useMutation({
    mutationFn: (taskId: string) => client.assistant.cancel.mutate({ tenant, taskId }),
    onError: (error) => notifications.show({ color: 'red', message: messageOf(error) }),
  });
  const { mutate: retryTask } = retry;
  const { mutate: cancelTask } = cancel;
  return useMemo<RowActions>(
    () => ({ onOpen, onModels, onUndo, onRetry: retryTask, onCancel: cancelTask }),
    [onOpen, onModels, onUndo, retryTask, cancelTask],
  );
}

/** What happens, for who does not see it: that the agent works, what it asks, and its answer when it is whole. */
function Announcements({ rows }: { rows: readonly Row[] }) {
  const text = announcementOf(rows);
  const [said, setSaid] = useState('');
  // What was there when the conversation was opened is no news.
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) setSaid(text);
    isFirst.current = false;
  }, [text]);
  return (
    <VisuallyHidden role="status" aria-label="Agent">
      {said}
    </VisuallyHidden>
  );
}

/** While a conversation is read, or when it cannot be. */
export function NoConversation({ error, onRetry, onNew }: { error: string | undefined; onRetry: () => void; onNew: () => void }) {
  if (error === undefined)
    return (
      <Center flex={1}>
        <Loader size="sm" aria-label="Loading" />
      </Center>
    );
  return (
    <Stack p="md" flex={1} align="flex-start" gap="xs">
      <Text size="sm" role="alert">
        {error}
      </Text>
      <Button variant="default" size="compact-sm" onClick={onRetry}>
        Try again
      </Button>
      <Button variant="default" size="compact-sm" onClick={onNew}>
        New conversation
      </Button>
    </Stack>
  );
}
