import { Popover, Progress, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { trpc } from '../connection.ts';
import type { Conversation } from './conversation.ts';
import { fillOf, moneyText, tokensText } from './usage.ts';

/** What a conversation has used, and how full it is. */
export function UsageInfo({ conversation }: { conversation: Conversation }) {
  const models = useQuery(trpc.assistant.models.queryOptions());
  const { usage, modelId } = conversation.context;
  const model = models.data?.find(({ id }) => id === modelId);
  const total = usage.inputTokens + usage.outputTokens;
  const fill = model ? fillOf(conversation.nodes, model.contextTokens) : undefined;
  if (total === 0) return null;
  const text = `${tokensText(total)}${usage.cost === undefined ? '' : `, ${moneyText(usage.cost)}`}`;
  return (
    <Popover position="top-end" withArrow shadow="md" width={260}>
      <Popover.Target>
        <UnstyledButton className="usage" aria-label={`Used so far: ${text}`}>
          {text}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
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
