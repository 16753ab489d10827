import { ActionIcon, Button, Code, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { memo } from 'react';
import type { Opened } from '../navigation.ts';
import { PlanList } from './nodes/plan-list.tsx';
import { MarkdownText } from './nodes/markdown.tsx';
import { QuestionCard } from './nodes/question-card.tsx';
import { RunEnd } from './nodes/run-end.tsx';
import type { Row } from './rows.ts';
import { ToolCard } from './tool-card.tsx';

/** What can be done in a conversation. */
export interface RowActions {
  onOpen: (to: Opened) => void;
  onModels: () => void;
  onUndo: (task: string) => void;
  onRetry: (task: string) => void;
  onCancel: (task: string) => void;
}

interface Props {
  tenant: string;
  contextId: string;
  row: Row;
  isLast: boolean;
  /** A question of the conversation waits. */
  isAsking: boolean;
  actions: RowActions;
}

/** One piece of a conversation. */
export const ConversationRow = memo(function ConversationRow({ tenant, contextId, row, isLast, isAsking, actions }: Props) {
  switch (row.kind) {
    case 'person':
      return (
        <div className="said said-person">
          <div className="bubble bubble-person">{row.node.content}</div>
          <CopyText text={row.node.content} label="Copy this request" />
        </div>
      );
    case 'text':
      return (
        <div className="said" aria-busy={row.isOpen}>
          <MarkdownText text={row.node.content} />
          {!row.isOpen && <CopyText text={row.node.content} label="Copy this answer" />}
        </div>
      );
    case 'call':
      return <ToolCard call={row.call} onOpen={actions.onOpen} />;
    case 'question':
      return <QuestionCard tenant={tenant} contextId={contextId} question={row.question} />;
    case 'plan':
      return <PlanList plan={row.plan} />;
    case 'summary':
      return (
        <details className="summary">
          <summary className="summary-line">
            <span>What came before, in short</span>
          </summary>
          <MarkdownText text={row.text} />
        </details>
      );
    case 'other':
      return (
        <details className="answered">
          <summary className="details-summary">
            {row.node.contentType === 'text' ? (row.node.metadata.role ?? 'Added by a program') : row.node.contentType}
          </summary>
          <Code block fz={11} mah={240} className="details-code" tabIndex={0} role="region" aria-label="Added by a program">
            {row.node.content}
          </Code>
        </details>
      );
    case 'end':
      return (
        <RunEnd
          task={row.task}
          hasChanged={row.hasChanged}
          isAsking={isAsking}
          isLast={isLast}
          onRetry={() => actions.onRetry(row.task.id)}
          onUndo={() => actions.onUndo(row.task.id)}
          onModels={actions.onModels}
        />
      );
    case 'waiting':
      return (
        <div className="said said-person">
          <div className="bubble bubble-person bubble-waiting">{row.prompt}</div>
          <Group gap="xs" justify="flex-end" mt={4}>
            <Text size="xs" c="dimmed">
              Waits for its turn
            </Text>
            <Button variant="default" size="compact-xs" onClick={() => actions.onCancel(row.task.id)}>
              Take back
            </Button>
          </Group>
        </div>
      );
  }
});

function CopyText({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon
            className="said-copy"
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={copied ? 'Copied' : label}
            onClick={copy}
          >
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
