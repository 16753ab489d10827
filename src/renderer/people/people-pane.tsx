import { Button, CloseButton, Group, Kbd, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useState, type RefObject } from 'react';
import { PeopleTable, type Counted, type Sorting } from './people-table.tsx';

interface Props {
  tenant: string;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onNew: () => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

const searchDelayMs = 120;
/** The table's columns sort by themselves; these are the rest of what people sort by. */
const orders: { label: string; sort: Sorting }[] = [
  { label: 'By name', sort: { by: 'displayName', descending: false } },
  { label: 'By job title', sort: { by: 'title', descending: false } },
  { label: 'By department', sort: { by: 'department', descending: false } },
  { label: 'Inactive first', sort: { by: 'active', descending: false } },
  { label: 'Last changed first', sort: { by: 'lastModified', descending: true } },
];

/** The list of people of a tenant, with instant search. */
export function PeoplePane({ tenant, openId, onOpen, onNew, searchRef }: Props) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), searchDelayMs);
  const [sort, setSort] = useState<Sorting>({ by: 'displayName', descending: false });
  const [counted, setCounted] = useState<Counted>();
  return (
    <>
      <Stack gap={8} p={12}>
        <Group gap={8} wrap="nowrap">
          <TextInput
            ref={searchRef}
            flex={1}
            aria-label="Search people"
            placeholder="Search people"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setText('');
              if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('[role=grid] [tabindex="0"]')?.focus();
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
        <Group justify="space-between" wrap="nowrap">
          <Text size="xs" c="dimmed" aria-live="polite">
            {counted === undefined ? 'Loading …' : countText(counted)}
          </Text>
          <NativeSelect
            size="xs"
            aria-label="Sort by"
            data={orders.map(({ label, sort: { by } }) => ({ value: by, label }))}
            value={sort.by}
            onChange={(event) => {
              const chosen = orders.find((order) => order.sort.by === event.currentTarget.value);
              if (chosen) setSort(chosen.sort);
            }}
          />
        </Group>
      </Stack>
      <PeopleTable
        tenant={tenant}
        search={search}
        sort={sort}
        onSort={setSort}
        openId={openId}
        onOpen={onOpen}
        onNew={onNew}
        onCounted={setCounted}
      />
    </>
  );
}

function countText({ total, search }: Counted): string {
  return `${total.toLocaleString('en')} ${total === 1 ? 'person' : 'people'}${search === '' ? '' : ' found'}`;
}
