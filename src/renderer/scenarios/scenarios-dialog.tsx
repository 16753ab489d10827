import { Button, Group, Loader, Modal, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf, trpc } from '../connection.ts';
import { RunView } from './run-view.tsx';
import { ScenarioList } from './scenario-list.tsx';
import './scenarios.css';

interface Props {
  opened: boolean;
  /** Shows a tenant in the window. */
  onSwitch: (tenant: string) => void;
  onClose: () => void;
}

/** Demonstrations, over the whole window. A run goes on while the dialog is closed. */
export function ScenariosDialog({ opened, onSwitch, onClose }: Props) {
  const [shown, setShown] = useState<string>();
  const known = useQuery({ ...trpc.scenarios.list.queryOptions(), enabled: opened, staleTime: 0 });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Scenarios"
      fullScreen
      transitionProps={{ duration: 0 }}
      classNames={{ content: 'scenarios-content', body: 'scenarios-body' }}
    >
      {known.error ? (
        <Group>
          <Text size="sm" role="alert">
            {messageOf(known.error)}
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => void known.refetch()}>
            Try again
          </Button>
        </Group>
      ) : !known.data ? (
        <Loader aria-label="Loading" />
      ) : shown === undefined ? (
        <ScenarioList scenarios={known.data.scenarios} runs={known.data.runs} onShow={setShown} />
      ) : (
        <RunView
          key={shown}
          id={shown}
          scenarios={known.data.scenarios}
          onShow={setShown}
          onLook={(tenant) => {
            onSwitch(tenant);
            onClose();
          }}
        />
      )}
    </Modal>
  );
}
