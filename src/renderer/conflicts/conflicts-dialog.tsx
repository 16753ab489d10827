import { Alert, Button, Modal, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf, trpc } from '../connection.ts';
import type { Opened } from '../navigation.ts';
import { ConflictList } from './conflict-list.tsx';
import './conflicts.css';
import { Report } from './report.tsx';

interface Props {
  opened: boolean;
  tenant: string;
  tenantName: string;
  /** Shows a person or group behind the dialog, which then closes. */
  onShow: (subject: Opened) => void;
  onClose: () => void;
}

const periods = [
  { label: '24 hours', hours: 24, text: 'the last 24 hours' },
  { label: '7 days', hours: 7 * 24, text: 'the last 7 days' },
  { label: '30 days', hours: 30 * 24, text: 'the last 30 days' },
] as const;

/** What a tenant's conflicts were about, how they ended, and what would avoid them; over the whole window. */
export function ConflictsDialog({ opened, tenant, tenantName, onShow, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Conflicts of ${tenantName}`}
      fullScreen
      transitionProps={{ duration: 0 }}
      classNames={{ body: 'conflicts-body' }}
    >
      <ConflictsScreen
        key={tenant}
        tenant={tenant}
        onShow={(subject) => {
          onShow(subject);
          onClose();
        }}
      />
    </Modal>
  );
}

function ConflictsScreen({ tenant, onShow }: Pick<Props, 'tenant' | 'onShow'>) {
  const [hours, setHours] = useState<number>(24);
  const report = useQuery({ ...trpc.conflicts.report.queryOptions({ tenant, hours }), placeholderData: keepPreviousData });
  const period = periods.find((one) => one.hours === hours) ?? periods[0];
  return (
    <Stack gap="lg" className="conflicts">
      <SegmentedControl
        aria-label="Time"
        value={String(hours)}
        onChange={(value) => setHours(Number(value))}
        data={periods.map((one) => ({ value: String(one.hours), label: one.label }))}
        style={{ alignSelf: 'flex-start' }}
      />
      {report.error && !report.data ? (
        <Alert color="red" title="The conflicts could not be read" role="alert">
          <Text size="sm">{messageOf(report.error)}</Text>
          <Button mt="xs" size="compact-sm" variant="default" onClick={() => void report.refetch()}>
            Try again
          </Button>
        </Alert>
      ) : report.data === undefined ? (
        <Stack aria-label="Loading">
          <Skeleton height={72} />
          <Skeleton height={160} />
        </Stack>
      ) : report.data.conflicts === 0 ? (
        <Stack align="center" gap={4} py={72}>
          <Text fw={600}>No conflicts in this time</Text>
          <Text size="sm" c="dimmed" ta="center" maw={440}>
            Nobody’s change met another one in {period.text}. When two writers change the same person or group, it is told here
            what it was about and how it ended.
          </Text>
        </Stack>
      ) : (
        <>
          <Report report={report.data} onShow={onShow} />
          <ConflictList tenant={tenant} hours={hours} onShow={onShow} />
        </>
      )}
    </Stack>
  );
}
