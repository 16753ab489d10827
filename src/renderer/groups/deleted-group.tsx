import { Button, Group, Text, Tooltip } from '@mantine/core';
import { messageOf } from '../connection.ts';
import { isChanged, type Draft } from '../editor/draft.ts';
import { draftKey, drafts } from '../editor/drafts.ts';
import { ago, authorName, exactTime } from '../words.ts';
import { memberLists } from './member-lists.ts';
import { useRecreateGroup } from './use-group.ts';

interface Props {
  tenant: string;
  id: string;
  draft: Draft;
  /** The groups that it was in. */
  parents: readonly string[];
  onClose: () => void;
}

/** Says that somebody deleted the group that is open, and offers to bring it back with the members that it had. */
export function DeletedGroup(props: Props) {
  const { tenant, id, draft, parents, onClose } = props;
  const recreate = useRecreateGroup(tenant, id);
  const members = memberLists.get(tenant, id)?.state.ids ?? new Set();
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
            <Button
              size="compact-sm"
              loading={recreate.isPending}
              onClick={() => recreate.mutate({ members: [...members], parents })}
            >
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
