import { Button, CloseButton, Group, Kbd, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useRef, useState, type RefObject } from 'react';
import './groups.css';
import { GroupsTable, type GroupSorting } from './groups-table.tsx';

interface Props {
  tenant: string;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onNew: () => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

const searchDelayMs = 120;

/** The list of groups of a tenant, with instant search. */
export function GroupsPane({ tenant, openId, onOpen, onNew, searchRef }: Props) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), searchDelayMs);
  const [sort, setSort] = useState<GroupSorting>({ by: 'displayName', descending: false });
  const [counted, setCounted] = useState<{ total: number; search: string }>();
  const table = useRef<HTMLDivElement>(null);
  return (
    <>
      <Stack gap={8} p={12}>
        <Group gap={8} wrap="nowrap">
          <TextInput
            ref={searchRef}
            flex={1}
            aria-label="Search groups"
            placeholder="Search groups"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setText('');
              if (event.key === 'ArrowDown') table.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus();
            }}
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={
              text === '' ? (
                <Kbd size="xs">/</Kbd>
              ) : (
                <CloseButton size="sm" aria-label="Clear the search" onClick={() => setText('')} />
              )
            }
          />
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={onNew}>
            New
          </Button>
        </Group>
        <Text size="xs" c="dimmed" aria-live="polite">
          {counted === undefined ? 'Loading …' : countText(counted)}
        </Text>
      </Stack>
      <div ref={table} style={{ display: 'contents' }}>
        <GroupsTable
          tenant={tenant}
          search={search}
          sort={sort}
          onSort={setSort}
          openId={openId}
          onOpen={onOpen}
          onNew={onNew}
          onCounted={setCounted}
        />
      </div>
    </>
  );
}

function countText({ total, search }: { total: number; search: string }): string {
  return `${total.toLocaleString('en')} ${total === 1 ? 'group' : 'groups'}${search === '' ? '' : ' found'}`;
}
