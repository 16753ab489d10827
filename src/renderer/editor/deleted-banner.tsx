import { Button, Group, Text } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { Ago } from '../ago.tsx';
import { messageOf } from '../connection.ts';
import { authorName } from '../words.ts';
import { isChanged, type Draft } from './draft.ts';
import { draftKey, drafts } from './drafts.ts';

interface Props {
  tenant: string;
  id: string;
  what: 'person' | 'group';
  draft: Draft;
  /** Brings it back with the draft's content. */
  recreate: UseMutationResult<void, Error, void>;
  onClose: () => void;
}

/** Says that somebody deleted the person or group that is open, and offers to bring it back. */
export function DeletedBanner({ tenant, id, what, draft, recreate, onClose }: Props) {
  const edited = isChanged(draft);
  return (
    <div role="status" aria-label="Deleted">
      {draft.deleted && (
        <div className="banner">
          <Text fw={600} size="sm">
            {authorName(draft.deleted.author)} deleted this {what}, <Ago at={draft.deleted.at} />
          </Text>
          <Text size="sm">
            {edited ? 'Your edits are still here, but there is nothing to save them to.' : 'You see what was there before.'}
          </Text>
          <Group gap="xs" mt="xs">
            <Button size="compact-sm" loading={recreate.isPending} onClick={() => recreate.mutate()}>
              {edited ? 'Recreate with my edits' : 'Bring back'}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                drafts.drop(draftKey(tenant, id));
                onClose();
              }}
            >
              Let it go
            </Button>
          </Group>
          {recreate.error && (
            <Text size="sm" role="alert" mt="xs">
              {messageOf(recreate.error)}
            </Text>
          )}
        </div>
      )}
    </div>
  );
}
