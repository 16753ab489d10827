import { Button, CloseButton, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useTransfer } from '../../transfer/transfer.tsx';
import type { Field } from '../fields.ts';
import { nobody, selectionMax, type Selection } from '../selection.ts';
import { BulkDialog, type BulkRequest } from './bulk-dialog.tsx';
import { GroupDialog } from './group-dialog.tsx';
import { people } from './result.tsx';

interface Props {
  tenant: string;
  fields: readonly Field[];
  selection: Selection;
  /** How many there are in the list. */
  total: number;
  onSelect: (change: (selection: Selection) => Selection) => void;
}

/** What can be done to everybody who is selected. */
export function BulkBar({ tenant, fields, selection, total, onSelect }: Props) {
  const [request, setRequest] = useState<BulkRequest>();
  const [grouping, setGrouping] = useState(false);
  const { openExport } = useTransfer();
  const ids = [...selection.ids];
  const who = people(ids.length);
  const active = fields.find(({ path }) => path === 'active');
  const setActive = (title: string, value: boolean) => () =>
    active && setRequest({ title, ids, action: { kind: 'change', wishes: [{ kind: 'set', field: active, value }] } });
  const clear = () => {
    onSelect(() => nobody);
    document.querySelector<HTMLElement>('[role=grid][aria-label="People"] [role=row][tabindex="0"]')?.focus();
  };
  const isFull = ids.length >= selectionMax && total > selectionMax;
  return (
    <div className="people-bar" role="region" aria-label="Selected people">
      <Group gap={4} justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600} role="status">
          {ids.length.toLocaleString('en')} selected{isFull && ', as many as can be at once'}
        </Text>
        <CloseButton size="md" aria-label="Clear the selection" onClick={clear} />
      </Group>
      <Group gap={6} mt={4}>
        <Button variant="default" size="compact-sm" onClick={() => setRequest({ title: `Change ${who}`, ids })}>
          Change …
        </Button>
        <Button variant="default" size="compact-sm" onClick={setActive(`Deactivate ${who}`, false)}>
          Deactivate
        </Button>
        <Button variant="default" size="compact-sm" onClick={setActive(`Activate ${who}`, true)}>
          Activate
        </Button>
        <Button variant="default" size="compact-sm" onClick={() => setGrouping(true)}>
          Add to group …
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() =>
            openExport({
              kind: 'users',
              some: [{ label: `${who} selected`, count: ids.length, only: async () => ({ ids }) }],
            })
          }
        >
          Export …
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => setRequest({ title: `Delete ${who}`, ids, action: { kind: 'delete' } })}
        >
          Delete …
        </Button>
      </Group>
      {request && (
        <BulkDialog
          tenant={tenant}
          fields={fields}
          request={request}
          onClose={() => setRequest(undefined)}
          onDeleted={(deleted) =>
            onSelect((before) => ({ ...before, ids: new Set([...before.ids].filter((id) => !deleted.includes(id))) }))
          }
        />
      )}
      {grouping && <GroupDialog tenant={tenant} ids={ids} onClose={() => setGrouping(false)} />}
    </div>
  );
}
