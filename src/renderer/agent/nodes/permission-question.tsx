import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Question } from '../../../api/index.ts';
import { nameOf, type Resource } from '../../../directory/pure.ts';
import { trpc } from '../../connection.ts';
import { ChangeLines } from '../../history/change-lines.tsx';
import '../../history/history.css';
import { toolWords } from '../tool-words.ts';
import { wishedChanges } from './wished-changes.ts';
import type { Given } from './question-card.tsx';

interface Props {
  tenant: string;
  question: Question;
  isSending: boolean;
  onAnswer: (given: Given) => void;
}

const allScopes = [
  { scope: 'once', label: 'Allow once' },
  { scope: 'conversation', label: 'For this conversation' },
  { scope: 'always', label: 'Always' },
] as const;

/** Whether a tool may be called: what it would do, field by field where that is known, and exactly with what. */
export function PermissionQuestion({ tenant, question, isSending, onAnswer }: Props) {
  const { call, options } = question;
  // What goes beyond the request cannot be allowed for good.
  const scopes = allScopes.filter(({ scope }) => !options || options.some(({ value }) => value === scope));
  return (
    <Stack gap="xs">
      {call && (
        <>
          <Text size="sm" className="wraps">
            <strong>{toolWords[call.tool]?.title ?? call.tool}</strong>
            {call.server !== 'tandem' && (
              <>
                {' '}
                on the server “<bdi>{call.server}</bdi>”
              </>
            )}
          </Text>
          {call.server === 'tandem' && <Wish tenant={tenant} tool={call.tool} args={call.arguments} />}
          <details open={call.server !== 'tandem' || toolWords[call.tool]?.about === undefined}>
            <summary className="details-summary">Exactly what is sent to {call.tool}</summary>
            <Code block fz={11} mah={240} className="details-code" tabIndex={0} role="region" aria-label="Arguments">
              {JSON.stringify(call.arguments, null, 2)}
            </Code>
          </details>
        </>
      )}
      <Group gap="xs">
        {scopes.map(({ scope, label }, index) => (
          <Button
            key={scope}
            variant={index === 0 ? 'filled' : 'default'}
            size="compact-sm"
            disabled={isSending}
            onClick={() => onAnswer({ action: 'accept', scope })}
          >
            {label}
          </Button>
        ))}
        <Button variant="default" size="compact-sm" disabled={isSending} onClick={() => onAnswer({ action: 'decline' })}>
          No
        </Button>
      </Group>
    </Stack>
  );
}

/** The change that a call would make to a record, against what is there now. */
function Wish({ tenant, tool, args }: { tenant: string; tool: string; args: Record<string, unknown> }) {
  const isGroup = tool.includes('group');
  const id = args[isGroup ? 'group_id' : 'user_id'];
  const known = typeof id === 'string' && id !== '' ? id : undefined;
  const person = useQuery({
    ...trpc.people.get.queryOptions({ tenant, id: known ?? '' }),
    enabled: known !== undefined && !isGroup,
    staleTime: 0,
  });
  const group = useQuery({
    ...trpc.groups.get.queryOptions({ tenant, id: known ?? '' }),
    enabled: known !== undefined && isGroup,
    staleTime: 0,
  });
  const now: Resource | undefined = isGroup ? group.data?.resource : person.data?.resource;
  const changes = known === undefined || now ? wishedChanges(args, now) : undefined;
  if (!now && !changes) return null;
  const { expected_version: version } = args;
  return (
    <div className="wish">
      {now && (
        <Text size="sm" fw={600} className="wraps">
          {nameOf(now)}
          {typeof version === 'string' && (
            <Text span size="xs" c="dimmed" fw={400}>
              {' '}
              as of version {version}
            </Text>
          )}
        </Text>
      )}
      {changes && changes.length > 0 && <ChangeLines tenant={tenant} changes={changes} />}
      {changes?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing would be different.
        </Text>
      )}
    </div>
  );
}
