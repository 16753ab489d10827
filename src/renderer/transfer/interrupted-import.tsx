import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { trpc } from '../connection.ts';

/** Says, when the window opens, that an import broke off when Tandem ended. */
export function InterruptedImport({ tenant, onLook }: { tenant: string; onLook: () => void }) {
  const list = useQuery(trpc.transfer.list.queryOptions({ tenant }));
  const broken = list.data?.find(({ state }) => state === 'interrupted');
  const told = useRef(new Set<string>());
  const look = useRef(onLook);
  look.current = onLook;
  useEffect(() => {
    if (!broken || told.current.has(broken.id)) return;
    told.current.add(broken.id);
    const id = notifications.show({
      autoClose: false,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" className="wraps">
            The import of {broken.name} broke off when Tandem ended. What was done is kept.
          </Text>
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => {
              notifications.hide(id);
              look.current();
            }}
          >
            Look at it
          </Button>
        </Group>
      ),
    });
  }, [broken]);
  return undefined;
}
