import { ActionIcon, Badge, Button, Group, Skeleton, Stack, Tabs, Text, Title, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp, IconArrowForwardUp, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { nameOf } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { keysText } from '../commands.ts';
import { ConflictBanner } from '../conflict/conflict-banner.tsx';
import { redoRequest } from '../conflict/redo.ts';
import { askAgain, useRedoer } from '../conflict/use-redo.ts';
import { messageOf, refusalOf, trpc } from '../connection.ts';
import { PersonGroups } from '../groups/person-groups.tsx';
import { AuthorIcon } from '../history/author-icon.tsx';
import { HistoryTimeline } from '../history/timeline.tsx';
import { FormPresence } from '../presence/field-presence.tsx';
import { PresenceLine } from '../presence/presence-line.tsx';
import { usePresenceAt } from '../presence/use-presence.ts';
import { authorName, byName, labelOf, listOf } from '../words.ts';
import { sendPrompt } from '../agent/current.ts';
import { useTab, type Opened } from '../navigation.ts';
import { DeletedBanner } from './deleted-banner.tsx';
import type { Draft, DraftAction } from './draft.ts';
import { isChanged } from './draft.ts';
import { draftKey, drafts, useDraft } from './drafts.ts';
import { PersonForm } from './person-form.tsx';
import { PersonMenu } from './person-menu.tsx';
import { RecordView, type Unfinished } from './record-view.tsx';
import { focusFault, Refused, useRefusal } from './refused.tsx';
import { catchUp, seenOf, useRecreate, useSave } from './use-save.tsx';
import { useSteadyScroll } from './use-steady-scroll.ts';

/** One person: the form, and everything that happens to the record while it is open. */
export function Editor({ tenant, opened, onClose }: { tenant: string; opened: Opened; onClose: () => void }) {
  const { id } = opened;
  const key = draftKey(tenant, id);
  const draft = useDraft(key);
  const person = useQuery(trpc.people.get.queryOptions({ tenant, id }, { staleTime: 0 }));
  useEffect(() => {
    if (person.data) drafts.open(key, seenOf(person.data));
  }, [key, person.data]);
  const isGone = refusalOf(person.error)?.code === 'NOT_FOUND';
  useEffect(() => {
    // A draft from before may be of somebody who was deleted while the window was closed.
    if (isGone && drafts.get(key)) void catchUp(tenant, id).catch(() => {});
  }, [tenant, id, key, isGone]);
  if (draft) return <OpenPerson tenant={tenant} opened={opened} draft={draft} onClose={onClose} />;
  if (person.error)
    return (
      <Stack p="xl" align="flex-start">
        <Text>{isGone ? 'This person does not exist any more.' : messageOf(person.error)}</Text>
        <Group>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          {refusalOf(person.error) === undefined && (
            <Button variant="default" onClick={() => void person.refetch()}>
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
      <Skeleton height={200} />
    </Stack>
  );
}

function OpenPerson({ tenant, opened, draft, onClose }: { tenant: string; opened: Opened; draft: Draft; onClose: () => void }) {
  const { id } = opened;
  const key = draftKey(tenant, id);
  const save = useSave(tenant, id);
  const recreate = useRecreate(tenant, id);
  const present = usePresenceAt(tenant, id);
  const refusal = useRefusal(save);
  const banner = useRef<HTMLButtonElement>(null);
  const notices = useRef<HTMLDivElement>(null);
  const tabs = useRef<HTMLDivElement>(null);
  const [tab, setTab] = useTab(opened, 'details');
  const [unfinished, setUnfinished] = useState<Unfinished>();
  useSteadyScroll(notices, tabs);
  const changed = isChanged(draft);
  const canSave = changed && !draft.theirs && !draft.deleted && !save.isPending;
  const dispatch = (action: DraftAction) => {
    drafts.dispatch(key, action);
    if (action.type === 'discard') setUnfinished(undefined);
    if (action.type === 'edit' && tab === 'details') refusal.edited(action.path);
    else refusal.reset();
  };
  const submit = () => {
    if (canSave) save.mutate(undefined, { onError: () => focusFault(tabs.current) });
  };
  /** Mine is saved; then the agent makes its change again on it. If the save is refused, that is what there is to see. */
  const redoer = useRedoer(tenant, draft);
  const redo = () => {
    const { collisions } = draft;
    dispatch({ type: 'resolve', choose: () => 'mine' });
    save.mutate(undefined, {
      onSuccess: () => {
        const saved = drafts.get(key);
        if (redoer === 'asked') {
          if (saved && !saved.theirs && !isChanged(saved)) void askAgain(tenant, draft, saved.base.version);
          return;
        }
        const text = saved && !saved.theirs && !isChanged(saved) && redoRequest(collisions, saved.base.version);
        if (!text) return;
        sendPrompt(tenant, text, { focus: { id, name: nameOf(saved.mine).slice(0, 500) } }).catch((error: unknown) =>
          notifications.show({ color: 'red', message: messageOf(error) }),
        );
      },
    });
  };
  useHotkeys(
    [
      ['mod+S', submit],
      ['F6', () => banner.current?.focus()],
    ],
    [],
  );
  // A text field undoes typing itself; outside of one, the draft's last step is undone.
  useHotkeys([
    ['mod+Z', () => dispatch({ type: 'undo' })],
    ['mod+shift+Z', () => dispatch({ type: 'redo' })],
  ]);
  const name = nameOf(draft.mine);
  const notePaths = draft.note?.paths ?? [];
  return (
    <>
      <div className="person-head">
        <Group gap="xs" wrap="nowrap" className="person-name">
          <Title order={2} size="h3" lineClamp={2} className="wraps" title={name.length > 40 ? name : undefined}>
            <bdi>{name}</bdi>
          </Title>
          {draft.base.resource['active'] === false && (
            <Badge color="gray" variant="outline" c="var(--mantine-color-text)" style={{ flexShrink: 0 }}>
              Inactive
            </Badge>
          )}
        </Group>
        <Group gap={6} wrap="nowrap" className="person-actions">
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
          <Tooltip label={draft.theirs ? 'Decide about the conflict first' : keysText('mod+S')}>
            <Button disabled={!canSave} loading={save.isPending} onClick={submit}>
              Save
            </Button>
          </Tooltip>
          <PersonMenu
            tenant={tenant}
            id={id}
            name={name}
            disabled={draft.theirs !== undefined || draft.deleted !== undefined}
            onDeleted={onClose}
          />
        </Group>
        <LastChange draft={draft} />
        <PresenceLine present={present} />
      </div>
      <div className="notices" ref={notices}>
        <ConflictBanner
          tenant={tenant}
          draft={draft}
          present={present}
          redo={redoer && { by: redoer, start: redo }}
          focusRef={banner}
          onResolve={(choose) => dispatch({ type: 'resolve', choose })}
        />
        <DeletedBanner tenant={tenant} id={id} what="person" draft={draft} recreate={recreate} onClose={onClose} />
        {refusal.error !== undefined && !draft.deleted && (
          <Refused title="Not saved" error={refusal.error} errors={refusal.errors} />
        )}
      </div>
      <Tabs ref={tabs} value={tab} onChange={setTab} keepMounted={false} className="person-tabs">
        <Tabs.List px="lg">
          <Tabs.Tab value="details">Details</Tabs.Tab>
          <Tabs.Tab value="groups">Groups</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
          <Tabs.Tab value="record">Record</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="details" className="scroll" p="lg">
          <FormPresence value={present}>
            <PersonForm
              tenant={tenant}
              resource={draft.mine}
              onEdit={(mine, path) => dispatch({ type: 'edit', mine, path })}
              errors={refusal.errors}
              flashed={notePaths}
              flash={draft.base.revision}
              readOnly={false}
            />
          </FormPresence>
        </Tabs.Panel>
        <Tabs.Panel value="groups" className="scroll" p="lg">
          <PersonGroups tenant={tenant} id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="history" className="scroll" p="lg">
          <HistoryTimeline tenant={tenant} type="User" id={id} name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="record" className="scroll" p="lg">
          <RecordView
            resource={draft.mine}
            onEdit={(mine) => dispatch({ type: 'edit', mine, path: 'record' })}
            unfinished={unfinished}
            onUnfinished={setUnfinished}
          />
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

/** Who changed the person last. News of it takes the same line, so that the form stays where it is. */
function LastChange({ draft: { base, note } }: { draft: Draft }) {
  return (
    <div className="last-change">
      <AuthorIcon author={note?.author ?? base.author} />
      <span role="status" aria-label="Note">
        {note &&
          `${authorName(note.author)} changed ${listOf(note.paths.map((path) => labelOf(path).toLowerCase()))}${note.kind === 'rebased' ? '; your edits are kept' : ''}`}
      </span>
      {!note && `Changed by ${byName(base.author)}`}
      {' · '}
      <Ago at={note?.at ?? base.at} />
      {' · '}
      <span className="version">
        version <span data-testid="version">{base.version}</span>
      </span>
    </div>
  );
}
