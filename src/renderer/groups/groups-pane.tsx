import { ActionIcon, Button, CloseButton, Group, Kbd, Menu, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconFileExport, IconFileImport, IconPlus, IconSearch } from '@tabler/icons-react';
import { useRef, useState, type RefObject } from 'react';
import { useTransfer } from '../transfer/transfer.tsx';
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
  const { openImport, openExport } = useTransfer();
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
        <Group justify="space-between" wrap="nowrap" gap={8}>
          <Text size="xs" c="dimmed" aria-live="polite" truncate>
            {counted === undefined ? 'Loading …' : countText(counted)}
          </Text>
          <Menu position="bottom-end" width={220}>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={30} aria-label="Table options">
                <IconAdjustmentsHorizontal size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconFileImport size={16} aria-hidden />} onClick={() => openImport({ kind: 'groups' })}>
                Import …
              </Menu.Item>
              <Menu.Item leftSection={<IconFileExport size={16} aria-hidden />} onClick={() => openExport({ kind: 'groups' })}>
                Export …
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
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
