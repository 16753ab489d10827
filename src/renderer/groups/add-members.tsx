import { Alert, Button, Group, List, Modal, MultiSelect, Stack, Text } from '@mantine/core';
import { IconUser, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { messageOf } from '../connection.ts';
import { refusedMembers, useChangeMembers } from './change-members.ts';
import { useEarlyEnter, useFound, type Choosable } from './use-found.ts';

interface Props {
  tenant: string;
  id: string;
  name: string;
  /** Who is in the group already. */
  there: ReadonlySet<string>;
  opened: boolean;
  onClose: () => void;
}

/** Chooses people and groups, and makes them members. */
export function AddMembers(props: Props) {
  const { name, opened, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title="Add members" size="lg">
      <Text size="sm" mb="sm" className="wraps">
        To <strong>{name}</strong>. If you add a group, everybody in it belongs here too.
      </Text>
      <Picker {...props} />
    </Modal>
  );
}

function Picker({ tenant, id, there, onClose }: Props) {
  const [search, setSearch] = useState('');
  const [listed, setListed] = useState(false);
  const [picked, setPicked] = useState<string[]>([]);
  /** Of everybody who was found so far, since those who are picked may not be found any more. */
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const found = useFound(tenant, search, { people: true, groups: true });
  const add = useChangeMembers(tenant, id);
  const choosable = (list: readonly Choosable[]) =>
    list.filter(({ value }) => value !== id).map((item) => ({ ...item, disabled: there.has(item.value) }));
  const groups = choosable(found.groups);
  const people = choosable(found.people);
  const hints = new Map([...groups, ...people].map(({ value, hint }) => [value, hint]));
  const isGroup = new Set(groups.map(({ value }) => value));
  const data = [
    { group: 'Groups', items: groups },
    { group: 'People', items: people },
  ].filter(({ items }) => items.length > 0);
  const choose = (values: string[]) => {
    const labels = new Map([...groups, ...people].map(({ value, label }) => [value, label]));
    setNames((known) => new Map([...known, ...labels]));
    setPicked(values);
    add.reset();
  };
  const first = [...groups, ...people].find(({ value, disabled }) => !disabled && !picked.includes(value));
  const onEnter = useEarlyEnter(search, found.isPending, first?.value, (value) => {
    choose([...picked, value]);
    setSearch('');
  });
  const reasons = refusedMembers(add.error, names);
  const submit = () => {
    const members = picked.map((value) => ({ id: value, name: names.get(value) ?? 'somebody' }));
    // What is said about it stands below the field, where the list is.
    setListed(false);
    if (members.length > 0 && !add.isPending) add.mutate({ kind: 'add', members }, { onSuccess: onClose });
  };
  return (
    <Stack
      className="picker"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
      }}
    >
      <MultiSelect
        label="People and groups"
        placeholder={picked.length === 0 ? 'Search by name' : ''}
        data-autofocus
        data={data}
        value={picked}
        onChange={choose}
        onKeyDown={onEnter}
        searchable
        searchValue={search}
        onSearchChange={setSearch}
        dropdownOpened={listed}
        onDropdownOpen={() => setListed(true)}
        onDropdownClose={() => setListed(false)}
        // They were found by the directory; a heading goes when all below it are picked.
        filter={({ options }) => options.filter((option) => !('items' in option) || option.items.length > 0)}
        hidePickedOptions
        // Again when the answer is there.
        selectFirstOptionOnChange={search !== '' && !found.isPending}
        nothingFoundMessage={found.isPending ? 'Searching …' : 'Nobody else and no other group has this name'}
        maxDropdownHeight={260}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear' }}
        renderOption={({ option: { value, label } }) => (
          <Group gap="xs" wrap="nowrap" className="found">
            {isGroup.has(value) ? <IconUsersGroup size={16} aria-hidden /> : <IconUser size={16} aria-hidden />}
            <span className="cell">
              <bdi>{label}</bdi>
              <span className="sub">{there.has(value) ? 'already a member' : hints.get(value)}</span>
            </span>
          </Group>
        )}
      />
      {(add.error ?? found.error) && (
        <Alert color="red" role="alert" title={add.error ? 'Nobody was added' : 'Nothing can be found'} py="xs">
          {reasons.length === 0 ? (
            messageOf(add.error ?? found.error)
          ) : (
            <List size="sm" listStyleType="none">
              {reasons.map((reason) => (
                <List.Item key={reason}>{reason}</List.Item>
              ))}
            </List>
          )}
        </Alert>
      )}
      <Group justify="flex-end" gap="xs" mt="auto">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={picked.length === 0} loading={add.isPending} onClick={submit}>
          {picked.length < 2 ? 'Add' : `Add ${picked.length}`}
        </Button>
      </Group>
    </Stack>
  );
}
