import { Alert, Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck, IconClock, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ShownEscalation } from '../../api/index.ts';
import type { ResourceType } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { messageOf } from '../connection.ts';
import { UndoDialog, type UndoSelection } from '../history/undo-dialog.tsx';
import type { Opened } from '../navigation.ts';
import { typeWords } from '../words.ts';
import { revisionOf } from './use-decide.ts';
import { endOf } from './words.ts';

const shownMax = 20;

/** How it ended, and the ways on: what was written can be shown, and undone if nobody has changed it since. */
export function Outcome({ escalation, onShow }: { escalation: ShownEscalation; onShow: (subject: Opened) => void }) {
  const { tenant, state, reason, outcome, proposed, decidedAt, subject } = escalation;
  const [undoing, setUndoing] = useState<UndoSelection>();
  const written = (outcome?.written ?? []).filter(({ changed }) => changed);
  const nameOf = (id: string) => proposed.find((change) => change.id === id)?.name ?? subject.name;
  const undo = async (type: ResourceType, id: string) => {
    try {
      const revision = await revisionOf(escalation, { type, id });
      if (revision === undefined) notifications.show({ message: 'This change is no longer kept in the history.' });
      else setUndoing({ title: `Undo what was approved for ${nameOf(id)}?`, revision });
    } catch (error) {
      notifications.show({ color: 'red', message: messageOf(error) });
    }
  };
  const isDone = state === 'approved';
  const { deed, effect } = endOf(escalation);
  const Icon = isDone ? IconCheck : state === 'expired' ? IconClock : IconX;
  return (
    <div role="status" aria-label="Answer">
      {state !== 'pending' && (
        <Alert role="note" color={isDone ? 'teal' : 'gray'} icon={<Icon aria-hidden />} py="xs" className="inbox-outcome">
          <Text size="sm">
            {deed}
            {decidedAt !== undefined && (
              <>
                {' '}
                <Ago at={decidedAt} />
              </>
            )}
            . {effect}
          </Text>
          {reason !== undefined && (
            <Text size="sm" className="wraps" mt={4}>
              The agent was told: “{reason}”
            </Text>
          )}
          {isDone && written.length === 0 && <Text size="sm">It was so already; nothing had to be changed.</Text>}
          {written.slice(0, shownMax).map(({ type, id, version }) => (
            <Group key={`${type} ${id}`} gap="xs" mt={6}>
              {written.length > 1 && (
                <Text size="sm" fw={600} className="wraps">
                  {nameOf(id)}
                </Text>
              )}
              {version !== undefined && type !== 'Agent' && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => onShow({ kind: type === 'User' ? 'person' : 'group', id })}
                >
                  Show {typeWords[type].this}
                </Button>
              )}
              <Button size="compact-sm" variant="default" onClick={() => void undo(type, id)}>
                Undo …
              </Button>
            </Group>
          ))}
          {written.length > shownMax && <Text size="sm">… and {written.length - shownMax} more, in the history of each</Text>}
        </Alert>
      )}
      {undoing && <UndoDialog tenant={tenant} what={undoing} onClose={() => setUndoing(undefined)} />}
    </div>
  );
}
