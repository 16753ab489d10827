import { ActionIcon, Anchor, Button, Group, Select, Skeleton, Text, Title } from '@mantine/core';
import { IconPlus, IconUsersGroup, IconX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Membership } from '../../directory/pure.ts';
import { messageOf, queryClient, trpc } from '../connection.ts';
import { toastWithUndo } from '../editor/use-save.tsx';
import { useNavigation } from '../navigation.ts';
import { refusedMembers } from './change-members.ts';
import './groups.css';
import { changeMembers } from './memberships.ts';
import { useEarlyEnter, useFound } from './use-found.ts';

/** The groups that somebody is in. What is changed here needs no Save: it is the group that changes. */
export function PersonGroups({ tenant, id }: { tenant: string; id: string }) {
  const [adding, setAdding] = useState(false);
  const groups = useQuery(trpc.groups.of.queryOptions({ tenant, id }));
  const change = useMutation({
    mutationFn: async ({ kind, group, name }: { kind: 'add' | 'remove'; group: string; name: string }) => {
      const [redo, undo] = kind === 'add' ? [{ add: [id] }, { remove: [id] }] : [{ remove: [id] }, { add: [id] }];
      await changeMembers(tenant, group, redo);
      toastWithUndo(`${kind === 'add' ? 'Added to' : 'Removed from'} ${name}`, () => changeMembers(tenant, group, undo));
    },
    onSettled: () => queryClient.invalidateQueries(trpc.groups.pathFilter()),
  });
  const direct = (groups.data ?? []).filter(({ type }) => type === 'direct');
  const indirect = (groups.data ?? []).filter(({ type }) => type === 'indirect');
  return (
    <section aria-label="Groups">
      <Title order={3} size="h5" mb={4}>
        Groups
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        Changes here are made at once: it is the group that changes.
      </Text>
      {groups.error && !groups.data ? (
        <Group gap="xs">
          <Text size="sm" role="alert">
            {messageOf(groups.error)}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => void groups.refetch()}>
            Try again
          </Button>
        </Group>
      ) : groups.data === undefined ? (
        <Skeleton height={24} width={200} />
      ) : (
        <>
          {groups.data.length === 0 && (
            <Text size="sm" c="dimmed">
              In no group yet.
            </Text>
          )}
          <ul className="groups-of">
            {direct.map((group) => (
              <GroupItem
                key={group.value}
                group={group}
                onRemove={() => change.mutate({ kind: 'remove', group: group.value, name: group.display })}
              />
            ))}
            {indirect.map((group) => (
              <GroupItem key={group.value} group={group} />
            ))}
          </ul>
        </>
      )}
      {change.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {refusedMembers(change.error, new Map()).join(' ') || messageOf(change.error)}
        </Text>
      )}
      {adding ? (
        <GroupPicker
          tenant={tenant}
          taken={new Set([id, ...direct.map(({ value }) => value)])}
          onPick={(group, name) => {
            setAdding(false);
            change.mutate({ kind: 'add', group, name });
          }}
          onClose={() => setAdding(false)}
        />
      ) : (
        <Button
          variant="default"
          size="compact-sm"
          mt={4}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setAdding(true)}
        >
          Add to a group
        </Button>
      )}
    </section>
  );
}

function GroupItem({ group: { value, display }, onRemove }: { group: Membership; onRemove?: () => void }) {
  const go = useNavigation();
  return (
    <li>
      <IconUsersGroup size={16} aria-hidden className="member-icon" />
      <Anchor
        component="button"
        type="button"
        size="sm"
        ta="start"
        className="wraps"
        onClick={() => go({ kind: 'group', id: value })}
      >
        {display}
      </Anchor>
      {onRemove ? (
        <ActionIcon size="md" variant="subtle" color="gray" aria-label={`Remove from ${display}`} onClick={onRemove}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      ) : (
        <Text span size="sm" c="dimmed">
          through another group
        </Text>
      )}
    </li>
  );
}

interface PickerProps {
  tenant: string;
  /** Groups that are not to choose. */
  taken: ReadonlySet<string>;
  onPick: (group: string, name: string) => void;
  onClose: () => void;
}

function GroupPicker({ tenant, taken, onPick, onClose }: PickerProps) {
  const [search, setSearch] = useState('');
  const { groups, isPending } = useFound(tenant, search, { people: false, groups: true });
  const free = groups.filter(({ value }) => !taken.has(value));
  const nameOf = (id: string) => free.find(({ value }) => value === id)?.label ?? '';
  const onEnter = useEarlyEnter(search, isPending, free[0]?.value, (value) => onPick(value, nameOf(value)));
  const [opened, setOpened] = useState(false);
  // A moment later the list is in the page, and the field can say that it controls it.
  useEffect(() => {
    const frame = requestAnimationFrame(() => setOpened(true));
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <Select
      label="Group"
      placeholder="Search by name"
      maw={360}
      mt="xs"
      data={free}
      value={null}
      onChange={(value) => value !== null && onPick(value, nameOf(value))}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      selectFirstOptionOnChange={search !== '' && !isPending}
      nothingFoundMessage={isPending ? 'Searching …' : 'No other group has this name'}
      autoFocus
      openOnFocus={false}
      dropdownOpened={opened}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      onBlur={onClose}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
        else onEnter(event);
      }}
    />
  );
}
