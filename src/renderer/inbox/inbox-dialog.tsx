import { Button, Group, Modal, NativeSelect, Text } from '@mantine/core';
import { IconBellRinging } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Tenant } from '../../directory/pure.ts';
import { Request } from '../connect/approvals.tsx';
import { trpc } from '../connection.ts';
import type { Opened } from '../navigation.ts';
import type { DesktopNotifications } from './desktop-notifications.ts';
import { EscalationDetail } from './escalation-detail.tsx';
import './inbox.css';
import { InboxList } from './inbox-list.tsx';
import { useEscalations, type InboxFilter } from './use-escalations.ts';
import type { Inbox } from './use-inbox.tsx';
import { stateLabels } from './words.ts';

interface Props {
  inbox: Inbox;
  tenants: readonly Tenant[];
  tenant: string;
  onTenant: (id: string) => void;
  /** Shows a person or group behind the dialog, which then closes. */
  onShow: (subject: Opened) => void;
  onPolicy: () => void;
}

const filters: { value: InboxFilter; label: string }[] = [
  { value: 'all', label: 'Everything' },
  ...(['pending', 'approved', 'declined', 'expired', 'withdrawn', 'superseded'] as const).map((value) => ({
    value,
    label: stateLabels[value],
  })),
  { value: 'agents', label: 'Between agents' },
];

/** Everything that waits for a person, over the whole window. */
export function InboxDialog(props: Props) {
  const { inbox, tenants, tenant } = props;
  const name = tenants.find(({ id }) => id === tenant)?.name ?? tenant;
  return (
    <Modal
      opened={inbox.opened}
      onClose={inbox.close}
      title={`Inbox of ${name}`}
      fullScreen
      transitionProps={{ duration: 0 }}
      classNames={{ content: 'inbox-content', body: 'inbox-body' }}
    >
      <InboxScreen key={tenant} {...props} />
    </Modal>
  );
}

function InboxScreen({ inbox, tenants, tenant, onTenant, onShow, onPolicy }: Props) {
  const [filter, setFilter] = useState<InboxFilter>('all');
  const found = useEscalations(tenant, filter);
  const pending = useQuery(trpc.approvals.pending.queryOptions());
  const requests = filter === 'all' || filter === 'pending' ? (pending.data ?? []) : [];
  const { show } = inbox;
  const request = (pending.data ?? []).find(({ id }) => id === inbox.openId);
  const shownRequest = useRef<string>(undefined);
  if (request) shownRequest.current = request.id;
  // A request for access is gone when it is answered; nothing of it is kept to be shown.
  const openId = !request && inbox.openId === shownRequest.current ? undefined : inbox.openId;
  const elsewhere = tenants.flatMap(({ id, name }) => {
    const count = inbox.waiting.byTenant.get(id) ?? 0;
    return id !== tenant && count > 0 ? [{ id, name, count }] : [];
  });
  return (
    <>
      <Group justify="space-between" gap="sm" align="flex-end">
        <NativeSelect
          label="Show"
          data={filters}
          value={filter}
          onChange={({ currentTarget }) => setFilter(currentTarget.value as InboxFilter)}
        />
        <Group gap="xs">
          <Desktop desktop={inbox.desktop} />
          <Button variant="default" onClick={onPolicy}>
            Policy …
          </Button>
        </Group>
      </Group>
      {elsewhere.length > 0 && (
        <Group gap="xs">
          <Text size="sm">Elsewhere:</Text>
          {elsewhere.map(({ id, name, count }) => (
            <Button key={id} size="compact-sm" variant="default" onClick={() => (show(undefined), onTenant(id))}>
              {count} in {name}
            </Button>
          ))}
        </Group>
      )}
      <div className="inbox-panes" data-open={openId !== undefined}>
        <div className="inbox-list">
          <InboxList requests={requests} found={found} filter={filter} openId={openId} onOpen={show} />
        </div>
        {openId === undefined ? (
          <div className="inbox-none">
            {(requests.length > 0 || found.escalations.length > 0) && (
              <Text c="dimmed" size="sm">
                Choose what you want to look at.
              </Text>
            )}
          </div>
        ) : request ? (
          <section className="inbox-detail" aria-label="Question">
            <div className="inbox-scroll">
              <Request key={request.id} request={request} waiting={0} tenants={tenants} tenant={tenant} />
            </div>
          </section>
        ) : (
          <EscalationDetail
            key={openId}
            tenant={tenant}
            id={openId}
            onClose={() => show(undefined)}
            onShow={(subject) => {
              inbox.close();
              onShow(subject);
            }}
          />
        )}
      </div>
    </>
  );
}

/** Whether the desktop tells of it: asked for by a person, never at once. */
function Desktop({ desktop: { state, turnOn, turnOff } }: { desktop: DesktopNotifications }) {
  if (state === 'unsupported') return null;
  if (state === 'denied')
    return (
      <Text size="xs" c="dimmed" maw={260}>
        Your browser forbids notifications of this page. Its settings can allow them.
      </Text>
    );
  return (
    <Button
      variant="default"
      leftSection={<IconBellRinging size={16} aria-hidden />}
      aria-pressed={state === 'on'}
      onClick={state === 'on' ? turnOff : turnOn}
    >
      {state === 'on' ? 'Desktop notifications: on' : 'Tell me on the desktop'}
    </Button>
  );
}
