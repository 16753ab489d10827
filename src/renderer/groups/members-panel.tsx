import { Button, CloseButton, Group, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconSearch, IconUserMinus, IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { messageOf, trpc } from '../connection.ts';
import { AddMembers } from './add-members.tsx';
import { useChangeMembers } from './change-members.ts';
import type { Members } from './member-list.ts';
import { memberLists, useMembers } from './member-lists.ts';
import { findMembers, idOf, memberRows } from './member-rows.ts';
import { MembersTable, type MembersTableHandle } from './members-table.tsx';

interface Props {
  tenant: string;
  id: string;
  name: string;
  readOnly: boolean;
}

const searchDelayMs = 100;

/** Who is in a group: found, added, removed, and looked into where a group is inside. */
export function MembersPanel({ tenant, id, name, readOnly }: Props) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), searchDelayMs);
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [adding, add] = useDisclosure(false);
  const table = useRef<MembersTableHandle>(null);
  const ids = [id, ...[...expanded].map(idOf).toSorted()];
  const membersOf = useMembers(tenant, [...new Set(ids)]);
  const change = useChangeMembers(tenant, id);
  const members = membersOf(id);
  const found = useMemo(() => findMembers(members?.shown ?? [], search), [members?.shown, search]);
  const rows = memberRows(found, expanded, membersOf);
  // Who has left meanwhile is not chosen any more.
  const selected = useMemo(() => new Set([...chosen].filter((value) => members?.ids.has(value))), [chosen, members?.ids]);
  const toggle = (path: string) => {
    const next = new Set(expanded);
    if (!next.delete(path)) next.add(path);
    setExpanded(next);
  };
  const remove = (values: ReadonlySet<string>) => {
    if (readOnly || values.size === 0 || change.isPending) return;
    const leaving = (members?.shown ?? []).filter(({ value }) => values.has(value));
    change.mutate(
      { kind: 'remove', members: leaving.map(({ value, display }) => ({ id: value, name: display })) },
      { onSuccess: () => setChosen(new Set()) },
    );
    table.current?.focus();
  };
  const retry = () => void memberLists.get(tenant, id)?.load();
  return (
    <>
      <Group gap={8} px="lg" py="xs" className="members-bar">
        <TextInput
          className="members-search"
          aria-label="Search members"
          placeholder="Search members"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setText('');
            if (event.key === 'ArrowDown') table.current?.focus();
          }}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={text !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText('')} />}
        />
        {selected.size > 0 ? (
          <>
            <Button
              variant="default"
              loading={change.isPending}
              leftSection={<IconUserMinus size={16} aria-hidden />}
              onClick={() => remove(selected)}
            >
              Remove {selected.size.toLocaleString('en')}
            </Button>
            <Button variant="subtle" onClick={() => setChosen(new Set())}>
              Clear
            </Button>
          </>
        ) : (
          <Button variant="default" disabled={readOnly} leftSection={<IconUserPlus size={16} aria-hidden />} onClick={add.open}>
            Add members
          </Button>
        )}
        <Summary
          tenant={tenant}
          id={id}
          members={members}
          found={found.length}
          searching={search !== ''}
          chosen={selected.size}
        />
      </Group>
      {members?.loading && members.read > 0 && !members.complete && (
        <Progress value={100} animated size="xs" aria-label="Reading the members" />
      )}
      {change.error && (
        <Text size="sm" role="alert" px="lg" c="var(--mantine-color-error)">
          {messageOf(change.error)}
        </Text>
      )}
      {members?.error !== undefined ? (
        <Stack align="center" p="xl">
          <Text size="sm" role="alert">
            {messageOf(members.error)}
          </Text>
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        </Stack>
      ) : (
        <MembersTable
          ref={table}
          rows={rows}
          found={found}
          empty={members === undefined || members.loading ? 'Loading …' : emptyText(search)}
          expanded={expanded}
          onToggle={toggle}
          selected={selected}
          onSelect={setChosen}
          onRemove={remove}
          readOnly={readOnly}
        />
      )}
      <AddMembers tenant={tenant} id={id} name={name} there={members?.ids ?? new Set()} opened={adding} onClose={add.close} />
    </>
  );
}

function emptyText(search: string): string {
  return search === '' ? 'Nobody is in this group yet.' : `No member matches “${search}”.`;
}

interface SummaryProps {
  tenant: string;
  id: string;
  members: Members | undefined;
  found: number;
  searching: boolean;
  chosen: number;
}

/** How many there are; and with groups inside, how many people in all. */
function Summary({ tenant, id, members, found, searching, chosen }: SummaryProps) {
  const hasGroups = members?.shown[0]?.type === 'Group';
  const all = useQuery({
    ...trpc.people.list.queryOptions({ tenant, filter: `groups.value eq ${JSON.stringify(id)}`, offset: 0, limit: 1 }),
    enabled: hasGroups,
    placeholderData: keepPreviousData,
  });
  if (!members) return null;
  const { read, loading, complete, ids } = members;
  const number = (count: number, word: string) => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
  const parts = [
    ...(loading && !complete ? [`${number(read, 'member')} read …`] : []),
    ...(complete && !searching ? [number(ids.size, 'member')] : []),
    ...(complete && searching ? [`${number(found, 'member')} found`] : []),
    ...(hasGroups && all.data && !searching ? [`${all.data.total.toLocaleString('en')} people with the groups inside`] : []),
    ...(chosen > 0 ? [`${chosen.toLocaleString('en')} chosen`] : []),
  ];
  return (
    <Text size="xs" c="dimmed" aria-live="polite" className="members-summary">
      {parts.join(' · ')}
      {!loading && !complete && read > 0 && (
        <>
          The first {read.toLocaleString('en')} members.{' '}
          <Button size="compact-xs" variant="default" onClick={() => void memberLists.get(tenant, id)?.loadMore()}>
            Read more
          </Button>
        </>
      )}
    </Text>
  );
}
