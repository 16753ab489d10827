import { Button, Group, Kbd, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState, type RefObject } from 'react';
import type { Side } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import type { Draft } from '../editor/draft.ts';
import { authorName, labelOf, listOf } from '../words.ts';
import { Review } from './review.tsx';

interface Props {
  tenant: string;
  draft: Draft;
  onResolve: (choose: (path: string) => Side) => void;
  focusRef: RefObject<HTMLButtonElement | null>;
}

/**
 * Says who changed the same fields, and lets the person decide. It takes no focus; F6 goes to it.
 */
export function ConflictBanner({ tenant, draft, onResolve, focusRef }: Props) {
  const [reviewing, setReviewing] = useState(false);
  const { theirs, collisions } = draft;
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
