import { Popover, Progress, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../connection.ts';
import type { Conversation } from './conversation.ts';
import { fillOf, moneyText, tokensText } from './usage.ts';

/** What a conversation has used, and how full it is. */
export function UsageInfo({ conversation }: { conversation: Conversation }) {
  const models = useQuery(trpc.assistant.models.queryOptions());
  const [isOpen, setOpen] = useState(false);
  const { usage, modelId } = conversation.context;
  const model = models.data?.find(({ id }) => id === modelId);
  const total = usage.inputTokens + usage.outputTokens;
  const fill = model ? fillOf(conversation.nodes, model.contextTokens) : undefined;
  if (total === 0) return null;
  const text = `${tokensText(total)}${usage.cost === undefined ? '' : `, ${moneyText(usage.cost)}`}`;
  return (
    <Popover opened={isOpen} onChange={setOpen} position="top-end" withArrow shadow="md" width={260}>
      <Popover.Target>
        <UnstyledButton
          className="usage"
          aria-label={`Used so far: ${text}`}
          onClick={() => setOpen(!isOpen)}
          // It lies over where one writes: whoever goes on is done with it.
          onBlur={() => setOpen(false)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || !isOpen) return;
            event.stopPropagation();
            setOpen(false);
          }}
        >
          {text}
        </UnstyledButton>
      </Popover.Target>
      {/* A click on it is no sign of being done with it. */}
      <Popover.Dropdown onMouseDown={(event) => event.preventDefault()}>
        <dl className="usage-facts">
          <div>
            <dt>Read by the model</dt>
            <dd>{tokensText(usage.inputTokens)}</dd>
          </div>
          <div>
            <dt>Written by it</dt>
            <dd>{tokensText(usage.outputTokens)}</dd>
          </div>
          <div>
            <dt>Cost</dt>
            <dd>{usage.cost === undefined ? 'not known' : moneyText(usage.cost)}</dd>
          </div>
        </dl>
        {fill !== undefined && (
          <>
            <Progress value={fill * 100} size="sm" mt="xs" aria-label="How full the conversation is" />
            <Text size="xs" c="dimmed" mt={4}>
              The conversation fills about {Math.round(fill * 100)} % of what this model can read at once. Before it is full, what
              is oldest is summarised.
            </Text>
          </>
        )}
        {model?.provider === 'offline' && (
          <Text size="xs" c="dimmed" mt={4}>
            Rules read no tokens: these numbers are estimates.
          </Text>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
