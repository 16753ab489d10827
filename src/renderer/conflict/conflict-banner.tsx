import { Button, Group, Kbd, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState, type RefObject } from 'react';
import type { Presence, Side } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import type { Draft } from '../editor/draft.ts';
import { doing, inOrder } from '../presence/words.ts';
import { authorName, labelOf, listOf } from '../words.ts';
import { RefusedAgents } from './refused-agents.tsx';
import { Review } from './review.tsx';
import type { Redoer } from './use-redo.ts';

interface Props {
  tenant: string;
  draft: Draft;
  /** Who else is at the record. */
  present: readonly Presence[];
  onResolve: (choose: (path: string) => Side) => void;
  /** Keeps and saves the person's side, and lets the agent make its change again on it; absent where none can. */
  redo?: { by: Redoer; start: () => void } | undefined;
  focusRef: RefObject<HTMLButtonElement | null>;
}

/**
 * Says who changed the same fields, and lets the person decide. It takes no focus; F6 goes to it.
 */
export function ConflictBanner({ tenant, draft, present, onResolve, redo, focusRef }: Props) {
  const [reviewing, setReviewing] = useState(false);
  const { theirs, collisions } = draft;
  const busy = inOrder(present.filter(({ kind }) => kind !== 'open'));
  const resolve = (choose: (path: string) => Side) => {
    setReviewing(false);
    onResolve(choose);
  };
  return (
    <div role="status" aria-label="Conflict">
      {theirs && (
        <div className="banner">
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <IconAlertTriangle size={20} aria-hidden className="warning-icon" />
            <div style={{ minWidth: 0, flex: 1 }}>
              <Text fw={600} size="sm" className="wraps">
                {authorName(theirs.author)} changed {listOf(collisions.map(({ path }) => labelOf(path).toLowerCase()))} while you
                were editing, <Ago at={theirs.at} />
              </Text>
              <Text size="sm">Everything else is merged. Decide what should stand; nothing is saved until you press Save.</Text>
              {busy.map((one) => (
                <Text key={one.id} size="sm">
                  <bdi>{doing(one)}</bdi>.
                </Text>
              ))}
              <RefusedAgents tenant={tenant} id={theirs.resource.id} />
              <Group gap="xs" mt="xs">
                <Button ref={focusRef} size="compact-sm" onClick={() => resolve(() => 'mine')}>
                  Keep mine
                </Button>
                <Button size="compact-sm" variant="default" onClick={() => resolve(() => 'theirs')}>
                  Take theirs
                </Button>
                <Button size="compact-sm" variant="default" aria-expanded={reviewing} onClick={() => setReviewing(!reviewing)}>
                  Choose field by field
                </Button>
                {redo && (
                  <Tooltip
                    label={
                      redo.by === 'pane'
                        ? 'Saves yours. The agent then makes its change again, on what you have saved.'
                        : 'Saves yours. The agent is then asked whether to make its change again, on what you have saved.'
                    }
                    multiline
                    maw={280}
                  >
                    <Button size="compact-sm" variant="default" onClick={redo.start}>
                      Let the agent redo it
                    </Button>
                  </Tooltip>
                )}
                <Text size="xs" c="dimmed" className="key-hint">
                  <Kbd size="xs">F6</Kbd> comes here
                </Text>
              </Group>
            </div>
          </Group>
          {reviewing && <Review tenant={tenant} draft={draft} onResolve={resolve} />}
        </div>
      )}
    </div>
  );
}
