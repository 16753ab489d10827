import { Button, Group, Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconRefresh, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { AuditEntry } from '../../directory/pure.ts';
import { client, messageOf } from '../connection.ts';
import type { Opened } from '../navigation.ts';
import './audit.css';
import { CheckResult, useCheck } from './check.tsx';
import { EntriesTable } from './entries-table.tsx';
import { EntryDetails } from './entry-details.tsx';
import { ExportMenu } from './export-menu.tsx';
import { isFiltered, noFilter } from './filter.ts';
import { AuditFilters } from './filters.tsx';
import { useEntries } from './use-entries.ts';

interface Props {
  opened: boolean;
  tenant: string;
  tenantName: string;
  /** Shows a person or group behind the dialog, which then closes. */
  onShow: (subject: Opened) => void;
  onClose: () => void;
}

/** The log of everything that happened in a tenant, over the whole window. */
export function AuditDialog({ opened, tenant, tenantName, onShow, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Audit log of ${tenantName}`}
      fullScreen
      transitionProps={{ duration: 0 }}
      classNames={{ content: 'audit-content', body: 'audit-body' }}
    >
      <AuditScreen
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

function AuditScreen({ tenant, onShow }: Pick<Props, 'tenant' | 'onShow'>) {
  const [filter, setFilter] = useState(noFilter);
  const [open, setOpen] = useState<AuditEntry>();
  const found = useEntries(tenant, filter);
  const check = useCheck(tenant);
  const showEntry = (seq: number) =>
    void client.audit.entry.query({ tenant, seq }).then(
      ({ entry }) => setOpen(entry),
      (error: unknown) => notifications.show({ color: 'red', message: messageOf(error) }),
    );
  return (
    <>
      <Group justify="space-between" align="flex-end" gap="sm">
        <AuditFilters filter={filter} onChange={setFilter} />
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconShieldCheck size={16} aria-hidden />}
            disabled={check.state.kind === 'running'}
            onClick={check.start}
          >
            Check that nothing was altered
          </Button>
          <ExportMenu tenant={tenant} />
        </Group>
      </Group>
      <CheckResult state={check.state} onCancel={check.cancel} onShow={showEntry} />
      <div className="audit-panes" data-open={open !== undefined}>
        <div className="audit-list">
          {found.isNewer && (
            <Group gap="xs" className="audit-news">
              <Text size="sm">Something happened since.</Text>
              <Button
                size="compact-sm"
                variant="subtle"
                leftSection={<IconRefresh size={14} aria-hidden />}
                onClick={() => void found.pages.refetch()}
              >
                Show the newest
              </Button>
            </Group>
          )}
          <EntriesTable
            found={found}
            openSeq={open?.seq}
            isFiltered={isFiltered(filter)}
            onOpen={setOpen}
            onClear={() => setFilter(noFilter)}
          />
        </div>
        {open && (
          <EntryDetails
            key={open.seq}
            tenant={tenant}
            entry={open}
            onShow={({ type, id }) => onShow({ kind: type === 'User' ? 'person' : 'group', id })}
            onClose={() => setOpen(undefined)}
          />
        )}
      </div>
    </>
  );
}
