import { ActionIcon, Button, Group, Text, Textarea, Tooltip } from '@mantine/core';
import { IconPlayerStop, IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { client, faultOf, messageOf } from '../connection.ts';
import type { Conversation } from './conversation.ts';
import { ModelPicker } from './model-picker.tsx';
import { UsageInfo } from './usage-info.tsx';

interface Props {
  tenant: string;
  /** Absent for a conversation that has not begun. */
  id: string | undefined;
  conversation: Conversation | undefined;
  text: string;
  onText: (text: string) => void;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  /** Resolves when the request is kept. */
  onAsk: (text: string) => Promise<void>;
  onModels: () => void;
  /** The demonstration of a conflict, where somebody is open. */
  play: { isPossible: boolean; run: () => Promise<void> } | undefined;
}

/** As src/api/assistant.ts takes it. */
const promptMax = 20_000;

/** Where the person writes: also while the agent works, whose next request it then is. */
export function Composer({ tenant, id, conversation, text, onText, inputRef, onAsk, onModels, play }: Props) {
  const [failure, setFailure] = useState<{ id: string | undefined; error: unknown }>();
  const error = failure?.id === id ? failure?.error : undefined;
  const [isSending, setSending] = useState(false);
  /** How far back in the requests one has gone with the arrow key. */
  const back = useRef(0);
  const atWork = conversation?.tasks.filter(
    ({ type, status }) => type === 'mcp.add_prompt' && (status === 'running' || status === 'scheduled'),
  );
  const isBusy = (atWork?.length ?? 0) > 0;
  const stop = useMutation({
    mutationFn: () => Promise.all((atWork ?? []).map((task) => client.assistant.cancel.mutate({ tenant, taskId: task.id }))),
    onError: (stopError) => setFailure({ id, error: stopError }),
  });
  const act = async (work: () => Promise<void>) => {
    setFailure(undefined);
    setSending(true);
    try {
      await work();
    } catch (workError) {
      setFailure({ id, error: workError });
    } finally {
      setSending(false);
    }
  };
  const send = () => {
    const words = text.trim();
    if (words === '' || isSending) return;
    onText('');
    back.current = 0;
    void act(async () => {
      try {
        await onAsk(words);
      } catch (sendError) {
        // What could not be sent can be sent again.
        onText(words);
        throw sendError;
      }
    });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    const earlier = (conversation?.nodes ?? []).filter(
      ({ metadata, contentType }) => metadata.role === 'user' && contentType === 'text',
    );
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' && back.current > 0 ? -1 : 0;
    const isAtStart = text === '' || earlier.at(-back.current)?.content === text;
    const wanted = back.current + step;
    if (step === 0 || !isAtStart || wanted > earlier.length) return;
    event.preventDefault();
    back.current = wanted;
    onText(wanted === 0 ? '' : (earlier.at(-wanted)?.content ?? ''));
  };
  return (
    <div className="composer">
      {error !== undefined && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(error)}
          {faultOf(error)?.code === 'TOO_MANY_CONTEXTS' && ' Delete a conversation in the list above, then send it again.'}
        </Text>
      )}
      {play && (
        <Tooltip label="The agent changes what you are changing, for real">
          <Button
            variant="default"
            size="compact-sm"
            className="play"
            disabled={!play.isPossible || isBusy}
            onClick={() => void act(play.run)}
          >
            Show me a conflict
          </Button>
        </Tooltip>
      )}
      <Group gap={6} align="flex-end" wrap="nowrap">
        <Textarea
          ref={inputRef}
          flex={1}
          aria-label="Message to the agent"
          placeholder={isBusy ? 'Ask the next thing' : 'Ask the agent'}
          autosize
          minRows={1}
          maxRows={8}
          maxLength={promptMax}
          value={text}
          onChange={(event) => {
            back.current = 0;
            onText(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
        />
        {isBusy && (
          <Tooltip label="Stop">
            <ActionIcon size={36} variant="default" aria-label="Stop" loading={stop.isPending} onClick={() => stop.mutate()}>
              <IconPlayerStop size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        {(!isBusy || text.trim() !== '') && (
          <ActionIcon size={36} aria-label="Send" disabled={text.trim() === ''} loading={isSending} onClick={send}>
            <IconSend size={18} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      <div className="composer-foot">
        <ModelPicker tenant={tenant} id={id} modelId={conversation?.context.modelId} onModels={onModels} />
        {conversation && <UsageInfo conversation={conversation} />}
      </div>
    </div>
  );
}
