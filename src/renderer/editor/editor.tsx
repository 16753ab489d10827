import { ActionIcon, Alert, Badge, Button, Group, Menu, Modal, Skeleton, Stack, Tabs, Text, Title, Tooltip } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconArrowBackUp, IconArrowForwardUp, IconDots, IconTrash, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { nameOf } from '../../directory/pure.ts';
import { ConflictBanner } from '../conflict/conflict-banner.tsx';
import { messageOf, refusalOf, trpc } from '../connection.ts';
import { PersonGroups } from '../groups/person-groups.tsx';
import { ago, authorName, exactTime, labelOf, listOf } from '../words.ts';
import type { Draft } from './draft.ts';
import { isChanged } from './draft.ts';
import { draftKey, drafts, useDraft } from './drafts.ts';
import { AuthorIcon, History } from './history.tsx';
import { PersonForm } from './person-form.tsx';
import { RecordView } from './record-view.tsx';
import { seenOf, useDelete, useRecreate, useSave } from './use-save.tsx';

/** One person: the form, and everything that happens to the record while it is open. */
export function Editor({ tenant, id, onClose }: { tenant: string; id: string; onClose: () => void }) {
  const key = draftKey(tenant, id);
  const draft = useDraft(key);
  const person = useQuery(trpc.people.get.queryOptions({ tenant, id }, { staleTime: 0 }));
  useEffect(() => {
    if (person.data) drafts.open(key, seenOf(person.data));
  }, [key, person.data]);
  if (draft) return <OpenPerson tenant={tenant} id={id} draft={draft} onClose={onClose} />;
  if (person.error)
    return (
      <Stack p="xl" align="flex-start">
        <Text>
          {refusalOf(person.error)?.code === 'NOT_FOUND' ? 'This person does not exist any more.' : messageOf(person.error)}
        </Text>
        <Group>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button variant="default" onClick={() => void person.refetch()}>
            Try again
          </Button>
        </Group>
      </Stack>
    );
  return (
    <Stack p="lg" aria-label="Loading">
      <Skeleton height={28} width="40%" />
      <Skeleton height={200} />
      <Skeleton height={200} />
    </Stack>
  );
}

function OpenPerson({ tenant, id, draft, onClose }: { tenant: string; id: string; draft: Draft; onClose: () => void }) {
  const key = draftKey(tenant, id);
  const save = useSave(tenant, id);
  const banner = useRef<HTMLButtonElement>(null);
  const [tab, setTab] = useState<string | null>('details');
  const changed = isChanged(draft);
  const canSave = changed && !draft.theirs && !draft.deleted && !save.isPending;
  const dispatch = (action: Parameters<typeof drafts.dispatch>[1]) => drafts.dispatch(key, action);
  const errors = new Map((refusalOf(save.error)?.issues ?? []).map(({ path, message }) => [path, message]));
  useHotkeys(
    [
      ['mod+S', () => canSave && save.mutate()],
      ['F6', () => banner.current?.focus()],
    ],
    [],
  );
  // A text field undoes typing itself; outside of one, the draft's last step is undone.
  useHotkeys([
    ['mod+Z', () => dispatch({ type: 'undo' })],
    ['mod+shift+Z', () => dispatch({ type: 'redo' })],
  ]);
  const { resource } = draft.base;
  const name = nameOf(draft.mine);
  const notePaths = draft.note?.paths ?? [];
  return (
    <>
      <Stack gap="xs" px="lg" pt="md" pb="xs">
        <Group justify="space-between" align="flex-start">
          <div style={{ minWidth: 0, flex: '1 1 200px' }}>
            <Group gap="xs">
              <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>
                {name}
              </Title>
              {resource['active'] === false && (
                <Badge color="gray" variant="outline" c="var(--mantine-color-text)">
                  Inactive
                </Badge>
              )}
            </Group>
            <LastChange draft={draft} />
          </div>
          <Group gap={6} wrap="nowrap">
            <Step
              label="Undo"
              icon={IconArrowBackUp}
              disabled={draft.past.length === 0}
              onStep={() => dispatch({ type: 'undo' })}
            />
            <Step
              label="Redo"
              icon={IconArrowForwardUp}
              disabled={draft.future.length === 0}
              onStep={() => dispatch({ type: 'redo' })}
            />
            <Button variant="default" disabled={!changed} onClick={() => dispatch({ type: 'discard' })}>
              Discard
            </Button>
            <Tooltip label={draft.theirs ? 'Decide about the conflict first' : 'Ctrl S'}>
              <Button disabled={!canSave} loading={save.isPending} onClick={() => save.mutate()}>
                Save
              </Button>
            </Tooltip>
            <MoreMenu
              tenant={tenant}
              id={id}
              name={name}
              disabled={draft.theirs !== undefined || draft.deleted !== undefined}
              onDeleted={onClose}
            />
          </Group>
        </Group>
        <ConflictBanner draft={draft} focusRef={banner} onResolve={(choose) => dispatch({ type: 'resolve', choose })} />
        {draft.deleted && <Deleted tenant={tenant} id={id} draft={draft} onClose={onClose} />}
        <div role="status" aria-label="Note">
          {draft.note && (
            <p className="note" style={{ margin: 0 }}>
              {authorName(draft.note.author)} changed {listOf(notePaths.map((path) => labelOf(path).toLowerCase()))}{' '}
              {ago(draft.note.at)}
              {draft.note.kind === 'rebased' ? '; your edits are kept.' : '.'}
            </p>
          )}
        </div>
        {save.error && (
          <Alert color="red" title="Not saved" role="alert">
            {messageOf(save.error)}
          </Alert>
        )}
      </Stack>
      <Tabs
        value={tab}
        onChange={setTab}
        keepMounted={false}
        style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 }}
      >
        <Tabs.List px="lg">
          <Tabs.Tab value="details">Details</Tabs.Tab>
          <Tabs.Tab value="groups">Groups</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
          <Tabs.Tab value="record">Record</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="details" className="scroll" p="lg">
          <PersonForm
            tenant={tenant}
            resource={draft.mine}
            onEdit={(mine, path) => dispatch({ type: 'edit', mine, path })}
            errors={errors}
            flashed={notePaths}
            flash={draft.base.revision}
            readOnly={false}
          />
        </Tabs.Panel>
        <Tabs.Panel value="groups" className="scroll" p="lg">
          <PersonGroups tenant={tenant} id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="history" className="scroll" p="lg">
          <History
            tenant={tenant}
            id={id}
            onRestore={(revision) => {
              dispatch({ type: 'edit', mine: revision.resource, path: `revision ${revision.revision}` });
              setTab('details');
            }}
          />
        </Tabs.Panel>
        <Tabs.Panel value="record" className="scroll" p="lg">
          <RecordView resource={draft.mine} onEdit={(mine) => dispatch({ type: 'edit', mine, path: 'record' })} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Step({ label, icon: Icon, disabled, onStep }: { label: string; icon: Icon; disabled: boolean; onStep: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} disabled={disabled} onClick={onStep}>
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function LastChange({ draft: { base } }: { draft: Draft }) {
  return (
    <p className="last-change">
      <AuthorIcon author={base.author} />
      <Tooltip label={exactTime(base.at)}>
        <span>
          Changed {ago(base.at)} by {authorName(base.author)}
        </span>
      </Tooltip>{' '}
      · version <span data-testid="version">{base.version}</span>
    </p>
  );
}

function Deleted({ tenant, id, draft, onClose }: { tenant: string; id: string; draft: Draft; onClose: () => void }) {
  const recreate = useRecreate(tenant, id);
  if (!draft.deleted) return null;
  const edited = isChanged(draft);
  return (
    <div role="status" aria-label="Deleted">
      <div className="banner">
        <Text fw={600} size="sm">
          {authorName(draft.deleted.author)} deleted this person {ago(draft.deleted.at)}
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
        {recreate.error && <Text size="sm">{messageOf(recreate.error)}</Text>}
      </div>
    </div>
  );
}

function MoreMenu({
  tenant,
  id,
  name,
  disabled,
  onDeleted,
}: {
  tenant: string;
  id: string;
  name: string;
  disabled: boolean;
  onDeleted: () => void;
}) {
  const remove = useDelete(tenant, id);
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More">
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} disabled={disabled} onClick={open}>
            Delete {name} …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={close} title={`Delete ${name}?`} centered>
        <Text size="sm">You can undo it right away, and the history keeps the record.</Text>
        {remove.error && <Text size="sm">{messageOf(remove.error)}</Text>}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button
            color="red.9"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate(undefined, {
                onSuccess: (deleted) => {
                  close();
                  if (deleted) onDeleted();
                },
              })
            }
          >
            Delete
          </Button>
        </Group>
      </Modal>
    </>
  );
}
