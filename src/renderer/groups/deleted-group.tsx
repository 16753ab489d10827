import { Button, Group, Text, Tooltip } from '@mantine/core';
import { messageOf } from '../connection.ts';
import { isChanged, type Draft } from '../editor/draft.ts';
import { draftKey, drafts } from '../editor/drafts.ts';
import { ago, authorName, exactTime } from '../words.ts';
import { useRecreateGroup } from './use-group.ts';

interface Props {
  tenant: string;
  id: string;
  draft: Draft;
  onClose: () => void;
}

/** Says that somebody deleted the group that is open, and offers to bring it back with the members that it had. */
export function DeletedGroup({ tenant, id, draft, onClose }: Props) {
  const recreate = useRecreateGroup(tenant, id);
  const edited = isChanged(draft);
  return (
    <div role="status" aria-label="Deleted">
      {draft.deleted && (
        <div className="banner">
          <Text fw={600} size="sm">
            {authorName(draft.deleted.author)} deleted this group,{' '}
            <Tooltip label={exactTime(draft.deleted.at)}>
              <span>{ago(draft.deleted.at)}</span>
            </Tooltip>
          </Text>
          <Text size="sm">
            You see what was there before.
            {edited && ' Your edits are still here, but there is nothing to save them to.'}
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
