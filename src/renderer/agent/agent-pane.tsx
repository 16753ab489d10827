import { ActionIcon, Button, Group, Stack, Text, Textarea, Title, Tooltip } from '@mantine/core';
import { IconEraser, IconPlayerStop, IconSend } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { Message } from '../../api/index.ts';
import { diff, nameOf } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { draftKey, drafts, useDraft } from '../editor/drafts.ts';
import { withValue } from '../editor/values.ts';
import { UndoDialog } from '../history/undo-dialog.tsx';
import type { Opened } from '../navigation.ts';
import { ToolCard } from './tool-card.tsx';

interface Props {
  tenant: string;
  openId: string | undefined;
  onOpen: (to: Opened) => void;
  inputRef: RefObject<HTMLTextAreaElement | null>;
}

/** As src/api/agent.ts takes it. */
const messageMax = 4000;

/** The conversation with the agent, which works on the directory as an AI client does. */
export function AgentPane({ tenant, openId, onOpen, inputRef }: Props) {
  const conversation = useQuery(trpc.agent.conversation.queryOptions({ tenant }));
  const draft = useDraft(draftKey(tenant, openId ?? ''));
  const send = useMutation(trpc.agent.send.mutationOptions());
  const stop = useMutation(trpc.agent.stop.mutationOptions());
  const clear = useMutation(trpc.agent.clear.mutationOptions());
  const showConflict = useMutation(trpc.agent.showConflict.mutationOptions());
  const [text, setText] = useState('');
  /** The answer whose changes are to be undone; its id is also their run. */
  const [undoing, setUndoing] = useState<string>();
  const log = useRef<HTMLDivElement>(null);
  /** Whether the reader is at the end, and wants to stay there; who has scrolled up goes on reading. */
  const atEnd = useRef(true);
  const messages = conversation.data?.messages ?? [];
  const busy = messages.some(({ open }) => open);
  useEffect(() => {
    if (atEnd.current) log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [conversation.data]);

  const name = draft ? nameOf(draft.mine) : undefined;
  const ask = (words: string) => {
    if (words.trim() === '') return;
    const focus = openId !== undefined && name !== undefined ? { focus: { id: openId, name: name.slice(0, 500) } } : {};
    atEnd.current = true;
    setText('');
    // What could not be sent can be sent again.
    send.mutate({ tenant, text: words, ...focus }, { onError: () => setText((typed) => (typed === '' ? words : typed)) });
  };
  /** An example that changes somebody is not sent with one click: it is there to be read, and sent. */
  const type = (words: string) => {
    setText(words);
    inputRef.current?.focus();
  };
  /** The agent changes what the person is changing; without a draft, one is begun, so that there is something to collide. */
  const play = () => {
    if (openId === undefined || !draft) return;
    const key = draftKey(tenant, openId);
    if (diff(draft.base.resource, draft.mine).length === 0) {
      const title = typeof draft.mine['title'] === 'string' ? draft.mine['title'] : '';
      drafts.dispatch(key, { type: 'edit', mine: withValue(draft.mine, ['title'], `${title} (my edit)`.trim()), path: 'title' });
    }
    const now = drafts.get(key);
    const fields = now ? diff(now.base.resource, now.mine).map(({ path }) => path) : [];
    showConflict.mutate({ tenant, userId: openId, fields: fields.slice(0, 20) });
  };
  const error = send.error ?? showConflict.error ?? conversation.error;
  return (
    <>
      <Group justify="space-between" px="md" pt="md" pb="xs" wrap="nowrap">
        <div>
          <Title order={2} size="h5">
            Agent
          </Title>
          <Text size="xs" c="dimmed">
            {conversation.data?.label}
          </Text>
        </div>
        <Tooltip label="Clear the conversation">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Clear the conversation"
            disabled={messages.length === 0}
            onClick={() => clear.mutate({ tenant })}
          >
            <IconEraser size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
      {/* Scrollable, so it must be reachable from the keyboard. */}
      <div
        ref={log}
        className="scroll"
        role="log"
        aria-label="Conversation with the agent"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
        }}
      >
        <Stack gap="sm" px="md" py="xs">
          {messages.length === 0 && <Suggestions name={name} onAsk={ask} onType={type} />}
          {messages.map((message) => (
            <Bubble
              key={message.id}
              message={message}
              onOpen={onOpen}
              onAnswer={ask}
              onUndo={() => setUndoing(message.id)}
              last={message === messages.at(-1)}
            />
          ))}
        </Stack>
      </div>
      {undoing !== undefined && (
        <UndoDialog
          tenant={tenant}
          what={{ title: 'Undo what the agent did for this request?', run: undoing }}
          onClose={() => setUndoing(undefined)}
        />
      )}
      <Stack gap="xs" p="md" pt="xs">
        {error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {messageOf(error)}
          </Text>
        )}
        <Tooltip label={draft ? 'The agent changes what you are changing, for real' : 'Open a person first'}>
          <Button
            variant="default"
            size="sm"
            disabled={!draft || draft.theirs !== undefined || draft.deleted !== undefined || busy}
            onClick={play}
          >
            Show me a conflict
          </Button>
        </Tooltip>
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <Textarea
            ref={inputRef}
            flex={1}
            aria-label="Message to the agent"
            placeholder="Ask the agent"
            autosize
            minRows={1}
            maxRows={6}
            maxLength={messageMax}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              ask(text);
            }}
          />
          {busy ? (
            <ActionIcon size={36} variant="default" aria-label="Stop" onClick={() => stop.mutate({ tenant })}>
              <IconPlayerStop size={18} aria-hidden />
            </ActionIcon>
          ) : (
            <ActionIcon size={36} aria-label="Send" disabled={text.trim() === ''} onClick={() => ask(text)}>
              <IconSend size={18} aria-hidden />
            </ActionIcon>
          )}
        </Group>
      </Stack>
    </>
  );
}

function Suggestions({
  name,
  onAsk,
  onType,
}: {
  name: string | undefined;
  onAsk: (text: string) => void;
  onType: (text: string) => void;
}) {
  const examples = [
    { text: 'How many people are there?', act: onAsk },
    { text: 'Find everyone in Sales', act: onAsk },
    { text: name === undefined ? 'Create Grace Hopper' : 'Set their title to Team Lead', act: onType },
  ];
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        The agent edits the same people as you, through the same door as any AI client. Try:
      </Text>
      {examples.map(({ text, act }) => (
        <Button key={text} variant="default" size="compact-sm" justify="flex-start" onClick={() => act(text)}>
          {text}
          {act === onType && ' …'}
        </Button>
      ))}
    </Stack>
  );
}

const writes = /^scim_(?:create|update|patch|delete|modify|bulk|revert|resolve)/;

/** Whether the agent has changed anything for this answer. */
function hasChanged({ parts }: Message): boolean {
  return parts.some((part) => part.kind === 'tool-call' && part.state === 'succeeded' && writes.test(part.tool));
}

interface BubbleProps {
  message: Message;
  onOpen: (to: Opened) => void;
  onAnswer: (text: string) => void;
  onUndo: () => void;
  last: boolean;
}

function Bubble({ message, onOpen, onAnswer, onUndo, last }: BubbleProps) {
  if (message.from === 'person')
    return (
      <div className="bubble bubble-person">{message.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')}</div>
    );
  return (
    <Stack gap={6} aria-busy={message.open}>
      {message.parts.map((part, index) => {
        if (part.kind === 'tool-call') return <ToolCard key={part.id} call={part} onOpen={onOpen} />;
        // Parts are only ever added at the end.
        const key = `${message.id} ${index}`;
        if (part.kind === 'text')
          return (
            <div key={key} className="bubble">
              {part.text}
            </div>
          );
        return (
          <Stack key={key} gap={6}>
            <Text size="sm" fw={600}>
              {part.question}
            </Text>
            {part.options.map(({ label, send }) => (
              <Button
                key={send}
                variant="default"
                size="compact-sm"
                className="option"
                disabled={!last}
                onClick={() => onAnswer(send)}
              >
                {label}
              </Button>
            ))}
          </Stack>
        );
      })}
      {!message.open && hasChanged(message) && (
        <Button variant="default" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={onUndo}>
          Undo what this did …
        </Button>
      )}
      {message.open && message.parts.length === 0 && (
        <Text size="sm" c="dimmed">
          Working …
        </Text>
      )}
    </Stack>
  );
}
