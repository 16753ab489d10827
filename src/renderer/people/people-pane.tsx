import {
  ActionIcon,
  Button,
  CloseButton,
  Group,
  Indicator,
  Kbd,
  Menu,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { useDebouncedValue, useDisclosure, useLocalStorage } from '@mantine/hooks';
import {
  IconAdjustmentsHorizontal,
  IconArrowsDiagonal,
  IconArrowsDiagonalMinimize2,
  IconColumns3,
  IconFileExport,
  IconFileImport,
  IconFilter,
  IconKeyboard,
  IconPlus,
  IconSearch,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type RefObject } from 'react';
import { trpc } from '../connection.ts';
import { useTransfer, type ExportSome } from '../transfer/transfer.tsx';
import { useSchemas } from '../use-schemas.ts';
import { BulkBar } from './bulk/bulk-bar.tsx';
import { allColumns, shownColumns, type Column } from './columns/columns.ts';
import { ColumnsDialog } from './columns/columns-dialog.tsx';
import { fieldsOf } from './fields.ts';
import { FilterChips } from './filter/filter-chips.tsx';
import { FilterDialog } from './filter/filter-dialog.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import './people.css';
import { PeopleTable, type Counted } from './people-table.tsx';
import { nobody, selectionMax, type Selection } from './selection.ts';
import { idsBetween, type PeopleList, type Sorting } from './use-people.ts';

interface Props {
  tenant: string;
  openId: string | undefined;
  onOpen: (id: string) => void;
  onNew: () => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

const searchDelayMs = 120;
const byName: Sorting = { by: 'displayName', descending: false };
/** What people sort by most; every column sorts by itself too. */
const orders: { label: string; sort: Sorting }[] = [
  { label: 'By name', sort: byName },
  { label: 'By job title', sort: { by: 'title', descending: false } },
  { label: 'By department', sort: { by: 'department', descending: false } },
  { label: 'Inactive first', sort: { by: 'active', descending: false } },
  { label: 'Last changed first', sort: { by: 'lastModified', descending: true } },
];

/** The list of people of a tenant: search, filters, columns, and what is done to many at once. */
export function PeoplePane({ tenant, openId, onOpen, onNew, searchRef }: Props) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), searchDelayMs);
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<Sorting>(byName);
  const [selection, setSelection] = useState<Selection>(nobody);
  const [counted, setCounted] = useState<Counted>();
  const [isWide, setWide] = useLocalStorage({ key: 'tandem.wide-list', defaultValue: false });
  const [filtering, filterDialog] = useDisclosure(false);
  const [choosing, columnsDialog] = useDisclosure(false);
  const [helping, help] = useDisclosure(false);
  const { openImport, openExport } = useTransfer();

  const { User } = useSchemas(tenant);
  const fields = useMemo(() => fieldsOf(User), [User]);
  const all = useMemo(() => allColumns(fields), [fields]);
  const chosen = useQuery(trpc.columns.get.queryOptions({ tenant }));
  const columns = useMemo(() => shownColumns(all, chosen.data ?? null, isWide), [all, chosen.data, isWide]);
  const list = useMemo(
    (): PeopleList => ({
      tenant,
      search,
      filter,
      sort,
      columns: columns.filter((column) => !column.summary).map(({ path }) => path),
    }),
    [tenant, search, filter, sort, columns],
  );
  return (
    <>
      <Stack gap={8} p={12} className={isWide ? 'people-wide' : undefined}>
        <Group gap={8} wrap="nowrap">
          <TextInput
            ref={searchRef}
            flex={1}
            miw={0}
            aria-label="Search people"
            placeholder="Search people"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setText('');
              if (event.key === 'ArrowDown')
                document.querySelector<HTMLElement>('[role=grid][aria-label="People"] [role=row][tabindex="0"]')?.focus();
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
          <Tooltip label="Filter">
            <Indicator disabled={filter === ''} size={10} color="teal">
              <ActionIcon variant="default" size={36} aria-label="Filter" aria-haspopup="dialog" onClick={filterDialog.open}>
                <IconFilter size={18} aria-hidden />
              </ActionIcon>
            </Indicator>
          </Tooltip>
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={onNew} style={{ flexShrink: 0 }}>
            New
          </Button>
        </Group>
        {filter !== '' && (
          <FilterChips tenant={tenant} filter={filter} fields={fields} onChange={setFilter} onEdit={filterDialog.open} />
        )}
        {selection.ids.size > 0 ? (
          <BulkBar tenant={tenant} fields={fields} selection={selection} total={counted?.total ?? 0} onSelect={setSelection} />
        ) : (
          <Group justify="space-between" wrap="nowrap" gap={8}>
            <Text size="xs" c="dimmed" aria-live="polite" truncate>
              {counted === undefined ? 'Loading …' : countText(counted)}
            </Text>
            <Group gap={4} wrap="nowrap">
              <OrderSelect sort={sort} columns={columns} onSort={setSort} />
              <Menu position="bottom-end" width={220}>
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" size={30} aria-label="Table options">
                    <IconAdjustmentsHorizontal size={18} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconColumns3 size={16} aria-hidden />} onClick={columnsDialog.open}>
                    Columns …
                  </Menu.Item>
                  <Menu.Item
                    visibleFrom="md"
                    leftSection={
                      isWide ? (
                        <IconArrowsDiagonalMinimize2 size={16} aria-hidden />
                      ) : (
                        <IconArrowsDiagonal size={16} aria-hidden />
                      )
                    }
                    onClick={() => setWide(!isWide)}
                  >
                    {isWide ? 'Make the list narrow' : 'Make the list wide'}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconFileImport size={16} aria-hidden />} onClick={() => openImport({ kind: 'users' })}>
                    Import …
                  </Menu.Item>
                  <Menu.Item
                    leftSection={<IconFileExport size={16} aria-hidden />}
                    onClick={() => openExport({ kind: 'users', some: counted ? foundOf(counted) : [] })}
                  >
                    Export …
                  </Menu.Item>
                  <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={help.open}>
                    Keys of this table
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </Group>
          </Group>
        )}
      </Stack>
      <PeopleTable
        list={list}
        columns={columns}
        selection={selection}
        onSelect={setSelection}
        onSort={setSort}
        openId={openId}
        onOpen={onOpen}
        onNew={onNew}
        onClearFilter={() => setFilter('')}
        onHelp={help.open}
        onCounted={setCounted}
      />
      <FilterDialog
        tenant={tenant}
        fields={fields}
        filter={filter}
        opened={filtering}
        onClose={filterDialog.close}
        onApply={setFilter}
      />
      <ColumnsDialog
        tenant={tenant}
        all={all}
        shown={columns}
        isUsual={(chosen.data ?? null) === null}
        opened={choosing}
        onClose={columnsDialog.close}
      />
      <KeyboardHelp opened={helping} onClose={help.close} />
    </>
  );
}

function OrderSelect({ sort, columns, onSort }: { sort: Sorting; columns: readonly Column[]; onSort: (sort: Sorting) => void }) {
  const other = orders.some((order) => order.sort.by === sort.by) ? undefined : columns.find(({ sortBy }) => sortBy === sort.by);
  const data = [
    ...orders.map(({ label, sort: { by } }) => ({ value: by, label })),
    ...(other ? [{ value: sort.by, label: `By ${other.label.toLowerCase()}` }] : []),
  ];
  return (
    <NativeSelect
      size="xs"
      w={128}
      aria-label="Sort by"
      data={data}
      value={sort.by}
      onChange={(event) => {
        const chosen = orders.find((order) => order.sort.by === event.currentTarget.value);
        if (chosen) onSort(chosen.sort);
      }}
    />
  );
}

/** Who can be exported alone: those whom search and filter find, if they find not everybody. */
function foundOf({ total, list }: Counted): ExportSome[] {
  const { search, filter } = list;
  if (total === 0 || (search === '' && filter === '') || (search !== '' && total > selectionMax)) return [];
  const label = `${total.toLocaleString('en')} ${total === 1 ? 'person' : 'people'} found in the list`;
  const only = async () => (search === '' ? { filter } : { ids: await idsBetween(list, 0, total - 1) });
  return [{ label, count: total, only }];
}

function countText({ total, list: { search, filter } }: Counted): string {
  const found = search === '' && filter === '' ? '' : ' found';
  return `${total.toLocaleString('en')} ${total === 1 ? 'person' : 'people'}${found}`;
}
