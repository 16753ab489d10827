import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconCheck, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type KeyboardEvent } from 'react';
import type { SavedFilter } from '../../../api/index.ts';
import { client, messageOf, queryClient, trpc } from '../../connection.ts';

interface Props {
  tenant: string;
  /** The filter that can be saved; '' for none. */
  filter: string;
}

const nameMax = 60;

/** Filters with a name: use, rename, delete. */
export function SavedFilters({ tenant, filter, onUse }: Props & { onUse: (filter: string) => void }) {
  const filters = useSaved(tenant);
  if (filters.length === 0) return undefined;
  return (
    <Stack component="ul" gap={2} m={0} p={0} aria-label="Saved filters" style={{ listStyle: 'none' }}>
      {filters.map((each) => (
        <SavedRow key={each.id} saved={each} isCurrent={each.filter === filter} onUse={() => onUse(each.filter)} />
      ))}
    </Stack>
  );
}

/** Gives the filter that is built a name, unless it has one. */
export function SaveFilter({ tenant, filter }: Props) {
  const filters = useSaved(tenant);
  const [name, setName] = useState<string>();
  const create = useMutation({
    mutationFn: (name: string) => client.savedFilters.create.mutate({ tenant, name, filter }),
    onSuccess: () => setName(undefined),
    onSettled: refresh,
  });
  const save = () => name !== undefined && name.trim() !== '' && create.mutate(name.trim());
  if (filter === '' || filters.some((saved) => saved.filter === filter)) return undefined;
  if (name === undefined)
    return (
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconBookmark size={14} aria-hidden />}
          onClick={() => setName('')}
        >
          Save this filter …
        </Button>
      </div>
    );
  return (
    <Group gap={8} align="start" wrap="nowrap">
      <TextInput
        flex={1}
        aria-label="Name of the filter"
        placeholder="Name, for example “Contractors in Sales”"
        maxLength={nameMax}
        autoFocus
        data-mantine-stop-propagation="true"
        value={name}
        error={create.error ? messageOf(create.error) : undefined}
        onChange={(event) => {
          create.reset();
          setName(event.currentTarget.value);
        }}
        onKeyDown={(event) => onKeys(event, save, () => setName(undefined))}
      />
      <Button variant="default" loading={create.isPending} disabled={name.trim() === ''} onClick={save}>
        Save
      </Button>
    </Group>
  );
}

function useSaved(tenant: string): readonly SavedFilter[] {
  // Another window may have saved one.
  return useQuery({ ...trpc.savedFilters.list.queryOptions({ tenant }), staleTime: 0 }).data ?? [];
}

function refresh(): Promise<void> {
  return queryClient.invalidateQueries(trpc.savedFilters.pathFilter());
}

/** Enter keeps a name and Escape gives it up; the dialog around it stays open. */
function onKeys(event: KeyboardEvent, keep: () => void, leave: () => void): void {
  if (event.key !== 'Enter' && event.key !== 'Escape') return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === 'Enter') keep();
  else leave();
}

interface RowProps {
  saved: SavedFilter;
  isCurrent: boolean;
  onUse: () => void;
}

function SavedRow({ saved, isCurrent, onUse }: RowProps) {
  const { id, tenant } = saved;
  const [name, setName] = useState<string>();
  const rename = useMutation({
    mutationFn: (name: string) => client.savedFilters.update.mutate({ tenant, id, name }),
    onSuccess: () => setName(undefined),
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: () => client.savedFilters.delete.mutate({ tenant, id }), onSettled: refresh });
  const keep = () => name !== undefined && name.trim() !== '' && rename.mutate(name.trim());
  if (name !== undefined)
    return (
      <Group component="li" gap={4} wrap="nowrap" align="start">
        <TextInput
          flex={1}
          size="xs"
          aria-label={`New name of ${saved.name}`}
          maxLength={nameMax}
          autoFocus
          data-mantine-stop-propagation="true"
          value={name}
          error={rename.error ? messageOf(rename.error) : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => onKeys(event, keep, () => setName(undefined))}
        />
        <ActionIcon variant="default" size={30} aria-label="Keep the new name" onClick={keep}>
          <IconCheck size={16} aria-hidden />
        </ActionIcon>
      </Group>
    );
  return (
    <Group component="li" gap={4} wrap="nowrap">
      <Button
        flex={1}
        miw={0}
        variant={isCurrent ? 'light' : 'subtle'}
        size="compact-md"
        justify="flex-start"
        leftSection={<IconBookmark size={14} aria-hidden />}
        aria-current={isCurrent || undefined}
        title={saved.filter}
        onClick={onUse}
      >
        {saved.name}
      </Button>
      {remove.error && (
        <Text size="xs" c="red" role="alert">
          {messageOf(remove.error)}
        </Text>
      )}
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={`Rename ${saved.name}`} onClick={() => setName(saved.name)}>
        <IconPencil size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={`Delete ${saved.name}`} onClick={() => remove.mutate()}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
