import { Button, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Tenant, TenantSettings } from '../../directory/pure.ts';
import { client, messageOf, queryClient, trpc } from '../connection.ts';
import { OwnLimits } from '../security/own-limits.tsx';
import { ChangeEvents } from './change-events.tsx';
import { DeleteTenant } from './delete-tenant.tsx';
import { KeepHistory } from './keep-history.tsx';

interface Changes {
  name?: string;
  state?: 'active' | 'suspended';
  settings?: Partial<TenantSettings>;
}

interface Props {
  tenant: Tenant;
  isOpen: boolean;
  onSwitch: () => void;
  onExtraFields: () => void;
  onPolicy: () => void;
}

/** What is set up and done for one tenant. The switches take effect at once. */
export function TenantCard({ tenant, isOpen, onSwitch, onExtraFields, onPolicy }: Props) {
  const { id, name, state, settings } = tenant;
  const [typed, setTyped] = useState(name);
  const [deleting, setDeleting] = useState(false);
  const update = useMutation({
    mutationFn: async ({ changes, told }: { changes: Changes; told: string }) => {
      await client.tenants.update.mutate({ id, ...changes });
      notifications.show({ message: told });
    },
    onSettled: () => queryClient.invalidateQueries(trpc.tenants.list.pathFilter()),
  });
  const change = (changes: Changes, told: string) => update.mutate({ changes, told });
  const suspended = state === 'suspended';
  return (
    <Stack gap="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== '' && typed.trim() !== name) change({ name: typed.trim() }, 'Renamed');
        }}
      >
        <Group align="flex-end" gap="xs">
          <TextInput
            label="Name"
            flex="1 1 200px"
            maw={360}
            required
            maxLength={100}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={typed.trim() === '' || typed.trim() === name || update.isPending}>
            Rename
          </Button>
        </Group>
      </form>
      <Switch
        label="Accept what Entra ID and Okta really send"
        description="Both differ from the standard in known ways. Switched off, what differs is refused."
        checked={!settings.strict}
        onChange={({ currentTarget: { checked } }) =>
          change(
            { settings: { strict: !checked } },
            checked ? 'Entra ID and Okta are understood' : 'Only the standard is accepted',
          )
        }
      />
      <Switch
        label="Require the expected version on every change over SCIM"
        description="Programs must then say which version they have seen, so that none overwrites what it has not."
        checked={settings.requireVersion}
        onChange={({ currentTarget: { checked } }) =>
          change({ settings: { requireVersion: checked } }, checked ? 'The version is required' : 'The version is not required')
        }
      />
      <KeepHistory
        settings={settings.history}
        onChange={(history) => change({ settings: { history } }, 'History setting saved')}
      />
      <OwnLimits
        key={JSON.stringify(settings.limits)}
        label="How much all its clients together may call"
        limits={settings.limits}
        kind="tenants"
        isSaving={update.isPending}
        onSave={(limits) => change({ settings: { limits } }, 'Its limits are set')}
      />
      {update.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(update.error)}
        </Text>
      )}
      <ChangeEvents tenant={id} />
      {deleting ? (
        <DeleteTenant tenant={tenant} onClose={() => setDeleting(false)} />
      ) : (
        <div>
          <Group gap="xs">
            {!isOpen && (
              <Button variant="default" onClick={onSwitch}>
                Show in this window
              </Button>
            )}
            <Button variant="default" onClick={onExtraFields}>
              Extra fields …
            </Button>
            <Button variant="default" onClick={onPolicy}>
              Policy …
            </Button>
            <Button
              variant="default"
              disabled={update.isPending}
              onClick={() =>
                change({ state: suspended ? 'active' : 'suspended' }, suspended ? `${name} goes on` : `${name} is suspended`)
              }
            >
              {suspended ? 'Resume' : 'Suspend'}
            </Button>
            <Button variant="default" disabled={id === 'default'} onClick={() => setDeleting(true)}>
              Delete …
            </Button>
          </Group>
          <Text size="xs" c="dimmed" mt={6}>
            {suspended
              ? 'It is suspended: its data stays, and nobody but you gets in.'
              : 'A suspended tenant keeps its data, and nobody but you gets in.'}
            {id === 'default' && ' This tenant always exists, so it cannot be deleted.'}
          </Text>
        </div>
      )}
    </Stack>
  );
}
