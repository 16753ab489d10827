import { Accordion, Badge, Button, Group, Loader, Modal, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Tenant } from '../../directory/pure.ts';
import { messageOf, trpc } from '../connection.ts';
import { NewTenant } from './new-tenant.tsx';
import { TenantCard } from './tenant-card.tsx';
import './tenants.css';

interface Props {
  opened: boolean;
  /** The one that the window shows. */
  tenant: string;
  onSwitch: (id: string) => void;
  /** Shows the extra fields of the tenant in the window. */
  onExtraFields: () => void;
  /** Shows the policy of the tenant in the window. */
  onPolicy: () => void;
  onClose: () => void;
}

/** All tenants: each with its people apart from the others', its name, its state and its settings. */
export function TenantsDialog({ opened, tenant, onSwitch, onExtraFields, onPolicy, onClose }: Props) {
  const [adding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const tenants = useQuery({ ...trpc.tenants.list.queryOptions(), enabled: opened });
  const close = () => {
    setAdding(false);
    setOpenId(null);
    onClose();
  };
  const taken = new Set((tenants.data ?? []).map(({ id }) => id));
  return (
    <Modal opened={opened} onClose={close} title="Tenants" size="xl">
      <Stack>
        <Text size="sm">
          Each tenant is a directory of its own: its people and groups are apart from those of the others, and so is the access of
          AI clients.
        </Text>
        {adding ? (
          <NewTenant
            taken={taken}
            onAdded={(id) => {
              setAdding(false);
              setOpenId(id);
            }}
            onClose={() => setAdding(false)}
          />
        ) : (
          <div>
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
              Add a tenant
            </Button>
          </div>
        )}
        {tenants.error && (
          <Group>
            <Text size="sm" role="alert">
              {messageOf(tenants.error)}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => void tenants.refetch()}>
              Try again
            </Button>
          </Group>
        )}
        {!tenants.data && !tenants.error && <Loader aria-label="Loading" />}
        <Accordion
          variant="separated"
          transitionDuration={0}
          value={openId}
          onChange={setOpenId}
          chevronPosition="left"
          order={3}
        >
          {(tenants.data ?? []).map((item) => (
            <Accordion.Item key={item.id} value={item.id}>
              <Accordion.Control>
                <Head tenant={item} isOpen={item.id === tenant} />
              </Accordion.Control>
              <Accordion.Panel>
                {openId === item.id && (
                  <TenantCard
                    tenant={item}
                    isOpen={item.id === tenant}
                    onSwitch={() => {
                      onSwitch(item.id);
                      close();
                    }}
                    onExtraFields={() => {
                      onSwitch(item.id);
                      close();
                      onExtraFields();
                    }}
                    onPolicy={() => {
                      onSwitch(item.id);
                      close();
                      onPolicy();
                    }}
                  />
                )}
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      </Stack>
    </Modal>
  );
}

function Head({ tenant: { id, name, state }, isOpen }: { tenant: Tenant; isOpen: boolean }) {
  const people = useQuery(trpc.people.list.queryOptions({ tenant: id, offset: 0, limit: 1 }));
  const total = people.data?.total;
  return (
    <span className="tenant-head">
      <span className="tenant-name">
        <bdi>{name}</bdi> <span className="tenant-id">{id}</span>
      </span>
      {isOpen && (
        <Badge variant="default" size="sm">
          In this window
        </Badge>
      )}
      {state === 'suspended' && (
        <Badge color="gray" variant="outline" size="sm" c="var(--mantine-color-text)">
          Suspended
        </Badge>
      )}
      <span className="tenant-count">
        {total === undefined
          ? people.error
            ? 'not readable'
            : '…'
          : `${total.toLocaleString('en')} ${total === 1 ? 'person' : 'people'}`}
      </span>
    </span>
  );
}
