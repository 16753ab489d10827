import { Badge, Button, Group, Modal, Radio, ScrollArea, Skeleton, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Undone, UndoConflict } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { ValueText } from '../editor/value-text.tsx';
import { authorName } from '../words.ts';
import { ChangeLines } from './change-lines.tsx';
import './history.css';
import { changeLabel, memberName } from './words.ts';

/** Which changes are to be undone: one, or a run of an agent. */
export interface UndoSelection {
  title: string;
  author?: string;
  run?: string;
  revision?: number;
}

const actions: Record<Undone['action'], string> = {
  none: 'Stays',
  changed: 'Goes back',
  deleted: 'Deleted again',
  recreated: 'Comes back',
};

/** Shows what undoing would do, lets the person decide where somebody else has changed it since, and does it. */
export function UndoDialog({
  tenant,
  what: { title, ...selection },
  onClose,
}: {
  tenant: string;
  what: UndoSelection;
  onClose: () => void;
}) {
  const [back, setBack] = useState<ReadonlySet<string>>(new Set());
  const preview = useQuery({
    queryKey: ['undo', tenant, selection],
    queryFn: () => client.history.undo.mutate({ tenant, ...selection, preview: true }),
    staleTime: 0,
    gcTime: 0,
  });
  const resources = preview.data?.resources ?? [];
  const insisted = resources.flatMap(({ type, id, version, conflicts }) => {
    const paths = conflicts.flatMap(({ path }) => (path !== '' && back.has(keyOf({ type, id }, path)) ? [path] : []));
    return paths.length > 0 && version !== undefined ? [{ type, id, paths, expectedVersion: version }] : [];
  });
  const undo = useMutation({
    mutationFn: () => client.history.undo.mutate({ tenant, ...selection, preview: false, insist: insisted }),
    onSuccess: ({ undone, conflicting }) => {
      onClose();
      const kept = conflicting === 0 ? '' : `; ${conflicting === 1 ? 'one stays' : `${conflicting} stay`} as others have it`;
      notifications.show({ message: `Undone: ${undone === 1 ? 'one person or group' : `${undone} people and groups`}${kept}` });
    },
    onSettled: () => {
      void queryClient.invalidateQueries(trpc.history.list.pathFilter());
      void queryClient.invalidateQueries(trpc.people.pathFilter());
      void queryClient.invalidateQueries(trpc.groups.pathFilter());
    },
  });
  const count = preview.data ? preview.data.undone + insistedAlone(resources, insisted) : 0;
  const error = undo.error ?? preview.error;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={<span className="wraps">{title}</span>}
      scrollAreaComponent={ScrollArea.Autosize}
    >
      <Stack gap="md">
        {!preview.data && !preview.error && <Skeleton height={120} />}
        {preview.data && <Text size="sm">{summaryOf(preview.data)}</Text>}
        {resources.map((resource) => (
          <Resource
            key={`${resource.type} ${resource.id}`}
            tenant={tenant}
            resource={resource}
            isBack={(path) => back.has(keyOf(resource, path))}
            onDecide={(path, isBack) => {
              const next = new Set(back);
              if (isBack) next.add(keyOf(resource, path));
              else next.delete(keyOf(resource, path));
              setBack(next);
            }}
          />
        ))}
        {error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {messageOf(error)}
          </Text>
        )}
        <Group justify="flex-end" className="dialog-foot">
          <Button variant="default" onClick={onClose} data-autofocus>
            {preview.data && count === 0 ? 'Close' : 'Cancel'}
          </Button>
          {count > 0 && (
            <Button loading={undo.isPending} onClick={() => undo.mutate()}>
              {count === 1 ? 'Undo' : `Undo ${count}`}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function keyOf({ type, id }: Pick<Undone, 'type' | 'id'>, path: string): string {
  return `${type} ${id} ${path}`;
}

/** Those of which nothing would go back but what is insisted on. */
function insistedAlone(resources: readonly Undone[], insisted: readonly { id: string }[]): number {
  return resources.filter(({ id, action }) => action === 'none' && insisted.some((other) => other.id === id)).length;
}

function summaryOf({
  undone,
  conflicting,
  resources,
}: {
  undone: number;
  conflicting: number;
  resources: readonly Undone[];
}): string {
  if (resources.length === 0) return 'There is nothing left to undo: everything is as it was before.';
  const goes =
    undone === 0
      ? 'Nothing goes back by itself.'
      : `${undone === 1 ? 'One person or group goes' : `${undone} people and groups go`} back as they were before.`;
  const since =
    conflicting === 0
      ? ''
      : ` ${conflicting === 1 ? 'One has' : `${conflicting} have`} something that somebody changed since: decide what should stand.`;
  const more = undone + conflicting > resources.length + 50 ? ` The first ${resources.length} are listed.` : '';
  return `${goes}${since}${more}`;
}

interface ResourceProps {
  tenant: string;
  resource: Undone;
  isBack: (path: string) => boolean;
  onDecide: (path: string, isBack: boolean) => void;
}

function Resource({ tenant, resource, isBack, onDecide }: ResourceProps) {
  const { name, action, changes, conflicts } = resource;
  return (
    <section className="undo-resource" aria-label={name}>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        <Text size="sm" fw={600} className="wraps">
          {name}
        </Text>
        <Badge variant="default" style={{ flexShrink: 0 }}>
          {actions[action]}
        </Badge>
      </Group>
      {action === 'changed' && <ChangeLines tenant={tenant} changes={changes} />}
      {conflicts.map((conflict) => (
        <Decision
          key={conflict.path}
          tenant={tenant}
          about={name}
          conflict={conflict}
          isBack={isBack(conflict.path)}
          onDecide={(choice) => onDecide(conflict.path, choice)}
        />
      ))}
    </section>
  );
}

interface DecisionProps {
  tenant: string;
  about: string;
  conflict: UndoConflict;
  isBack: boolean;
  onDecide: (isBack: boolean) => void;
}

function Decision({ tenant, about, conflict, isBack, onDecide }: DecisionProps) {
  const { path, reason, before, done, now, at, author } = conflict;
  const value = (what: UndoConflict['now']) =>
    path.startsWith('members[') ? (
      <bdi>{memberName(what) ?? '(no member)'}</bdi>
    ) : (
      <ValueText tenant={tenant} path={path} value={what} />
    );
  // Of a member who is gone, and of a whole person or group, there is nothing to decide.
  const canDecide = path !== '' && author !== undefined;
  const label = path === '' ? '' : changeLabel(conflict);
  return (
    <div className="undo-conflict">
      <Text size="sm" className="wraps">
        {label !== '' && <strong>{label}: </strong>}
        {inOurWords(reason, author)}{' '}
        {at !== undefined && (
          <Text span size="xs" c="var(--mantine-color-text)">
            <Ago at={at} />
          </Text>
        )}
      </Text>
      {canDecide && (
        <Radio.Group
          aria-label={`${about}, ${label}`}
          value={isBack ? 'back' : 'now'}
          onChange={(choice) => onDecide(choice === 'back')}
          mt={4}
        >
          <div className="undo-choice">
            <Radio value="now" label={<>Keep what is there now: {value(now)}</>} />
            <Radio value="back" label={<>As it was before: {value(before)}</>} />
          </div>
        </Radio.Group>
      )}
      {canDecide && (
        <Text size="xs" mt={4} className="wraps">
          What is undone had made of it: {value(done)}
        </Text>
      )}
    </div>
  );
}

/** The directory names everybody; at the window, one of them is you. */
function inOurWords(reason: string, author: UndoConflict['author']): string {
  return author && reason.startsWith(author.name) ? `${authorName(author)}${reason.slice(author.name.length)}` : reason;
}
