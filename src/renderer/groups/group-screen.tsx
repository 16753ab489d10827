import { Alert, Badge, Button, Group, Skeleton, Stack, Tabs, Text, Title, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { nameOf } from '../../directory/pure.ts';
import { keysText } from '../commands.ts';
import { ConflictBanner } from '../conflict/conflict-banner.tsx';
import { messageOf, refusalOf, trpc } from '../connection.ts';
import { DeletedBanner } from '../editor/deleted-banner.tsx';
import { isChanged, type Draft, type DraftAction } from '../editor/draft.ts';
import { draftKey, drafts, useDraft } from '../editor/drafts.ts';
import { seenOf } from '../editor/use-save.tsx';
import { HistoryTimeline } from '../history/timeline.tsx';
import { useTab, type Opened } from '../navigation.ts';
import { FormPresence } from '../presence/field-presence.tsx';
import { PresenceLine } from '../presence/presence-line.tsx';
import { usePresenceAt } from '../presence/use-presence.ts';
import { GroupDetails } from './group-details.tsx';
import { GroupMenu } from './group-menu.tsx';
import { GroupNews } from './group-news.tsx';
import { groupNotes } from './group-notes.ts';
import './groups.css';
import { useExpectedMembers } from './member-lists.ts';
import { MembersPanel } from './members-panel.tsx';
import { useRecreateGroup, useSaveGroup } from './use-group.ts';

/** One group: its members, its record, its history, and everything that happens to it while it is open. */
export function GroupScreen({ tenant, opened, onClose }: { tenant: string; opened: Opened; onClose: () => void }) {
  const { id } = opened;
  const key = draftKey(tenant, id);
  const draft = useDraft(key);
  const group = useQuery(trpc.groups.get.queryOptions({ tenant, id }, { staleTime: 0 }));
  useEffect(() => {
    if (group.data) drafts.open(key, seenOf(group.data));
  }, [key, group.data]);
  useEffect(() => groupNotes.watch(key), [key]);
  useExpectedMembers(tenant, id, group.data?.version);
  if (draft)
    return <OpenGroup tenant={tenant} opened={opened} draft={draft} count={group.data?.members?.count} onClose={onClose} />;
  if (group.error)
    return (
      <Stack p="xl" align="flex-start">
        <Text role="alert">
          {refusalOf(group.error)?.code === 'NOT_FOUND' ? 'This group does not exist any more.' : messageOf(group.error)}
        </Text>
        <Group>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          {refusalOf(group.error) === undefined && (
            <Button variant="default" onClick={() => void group.refetch()}>
              Try again
            </Button>
          )}
        </Group>
      </Stack>
    );
  return (
    <Stack p="lg" aria-label="Loading">
      <Skeleton height={28} width="40%" />
      <Skeleton height={200} />
    </Stack>
  );
}

interface OpenProps {
  tenant: string;
  opened: Opened;
  draft: Draft;
  /** How many direct members there are; unknown for a moment. */
  count: number | undefined;
  onClose: () => void;
}

function OpenGroup({ tenant, opened, draft, count, onClose }: OpenProps) {
  const { id } = opened;
  const key = draftKey(tenant, id);
  const save = useSaveGroup(tenant, id);
  const recreate = useRecreateGroup(tenant, id);
  const present = usePresenceAt(tenant, id);
  const banner = useRef<HTMLButtonElement>(null);
  const [tab, setTab] = useTab(opened, 'members');
  const changed = isChanged(draft);
  const canSave = changed && !draft.theirs && !draft.deleted && !save.isPending;
  const dispatch = (action: DraftAction) => {
    drafts.dispatch(key, action);
    if (save.error) save.reset();
  };
  const submit = () => {
    // What is wrong is told at its field.
    if (canSave) save.mutate(undefined, { onError: () => setTab('details') });
  };
  useHotkeys(
    [
      ['mod+S', submit],
      ['F6', () => banner.current?.focus()],
    ],
    [],
  );
  useHotkeys([
    ['mod+Z', () => dispatch({ type: 'undo' })],
    ['mod+shift+Z', () => dispatch({ type: 'redo' })],
  ]);
  const name = nameOf(draft.mine) || nameOf(draft.base.resource);
  const issues = new Map((refusalOf(save.error)?.issues ?? []).map(({ path, message }) => [path, message]));
  return (
    <>
      <div className="group-head">
        <Title order={2} size="h3" lineClamp={2} className="wraps group-name" title={name.length > 40 ? name : undefined}>
          <bdi>{name}</bdi>
        </Title>
        <Group gap={6} wrap="nowrap" className="group-actions">
          {changed && (
            <Button variant="default" onClick={() => dispatch({ type: 'discard' })}>
              Discard
            </Button>
          )}
          <Tooltip label={draft.theirs ? 'Decide about the conflict first' : keysText('mod+S')}>
            <Button disabled={!canSave} loading={save.isPending} onClick={submit}>
              Save
            </Button>
          </Tooltip>
          <GroupMenu
            tenant={tenant}
            id={id}
            name={name}
            count={count}
            disabled={draft.theirs !== undefined || draft.deleted !== undefined}
            onDeleted={onClose}
          />
        </Group>
        <GroupNews draft={draft} noteKey={key} />
        <PresenceLine present={present} />
      </div>
      <div className="group-notices">
        <ConflictBanner
          tenant={tenant}
          draft={draft}
          present={present}
          focusRef={banner}
          onResolve={(choose) => dispatch({ type: 'resolve', choose })}
        />
        <DeletedBanner tenant={tenant} id={id} what="group" draft={draft} recreate={recreate} onClose={onClose} />
        {save.error && (
          <Alert color="red" title="Not saved" role="alert" py="xs">
            {issues.size === 0 ? messageOf(save.error) : 'See the field that is marked.'}
          </Alert>
        )}
      </div>
      <Tabs value={tab} onChange={setTab} keepMounted={false} className="group-tabs">
        <Tabs.List px="lg">
          <Tabs.Tab
            value="members"
            rightSection={
              count !== undefined && (
                <Badge size="sm" variant="default" circle={count < 10}>
                  {count.toLocaleString('en')}
                </Badge>
              )
            }
          >
            Members
          </Tabs.Tab>
          <Tabs.Tab value="details">Details</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="members" className="group-panel">
          <MembersPanel tenant={tenant} id={id} name={name} readOnly={draft.deleted !== undefined} />
        </Tabs.Panel>
        <Tabs.Panel value="details" className="scroll" p="lg">
          <FormPresence value={present}>
            <GroupDetails
              tenant={tenant}
              draft={draft}
              errors={issues}
              onEdit={(mine, path) => dispatch({ type: 'edit', mine, path })}
            />
          </FormPresence>
        </Tabs.Panel>
        <Tabs.Panel value="history" className="scroll" p="lg">
          <HistoryTimeline tenant={tenant} type="Group" id={id} name={name} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
