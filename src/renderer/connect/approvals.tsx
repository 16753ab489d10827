import { Affix, Button, Group, List, Paper, Select, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApprovalRequest } from '../../api/index.ts';
import { operatorTenant, type Tenant } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { messageOf, trpc } from '../connection.ts';

const scopeWords = {
  'scim:read': 'See the people of the directory',
  'scim:write': 'Add, change and delete people',
  'scim:admin': 'Rename, suspend or delete the tenant with everyone in it, for good',
} as const;
const scopesShown = Object.keys(scopeWords) as (keyof typeof scopeWords)[];

/**
 * AI clients that ask for access. They wait at the edge, since the person may finish an edit first; from the keyboard they come
 * first, where the window begins.
 */
export function Approvals({ tenants, tenant }: { tenants: readonly Tenant[]; tenant: string }) {
  const pending = useQuery(trpc.approvals.pending.queryOptions());
  const [first, ...others] = pending.data ?? [];
  return (
    <Affix position={{ bottom: 16, right: 16 }} zIndex={250} withinPortal={false}>
      <div role="status" aria-label="Requests for access">
        {first && <Request key={first.id} request={first} waiting={others.length} tenants={tenants} tenant={tenant} />}
      </div>
    </Affix>
  );
}

/** One request, with the answer. */
export function Request({
  request,
  waiting,
  tenants,
  tenant,
}: {
  request: ApprovalRequest;
  waiting: number;
  tenants: readonly Tenant[];
  tenant: string;
}) {
  const decide = useMutation(trpc.approvals.decide.mutationOptions());
  const { remembered } = request;
  const [chosen, setChosen] = useState(
    remembered && tenants.some(({ id }) => id === remembered.tenant) ? remembered.tenant : tenant,
  );
  const isAdministration = request.scopes.includes('scim:admin');
  const answer = (approve: boolean) => decide.mutate({ id: request.id, approve, tenant: chosen });
  return (
    <Paper withBorder shadow="lg" p="md" w={360} maw="calc(100vw - 32px)">
      <Stack gap="sm">
        <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
          {request.clientName} asks for access
        </Title>
        <List size="sm">
          {(request.scopes.length === 0 || request.identity.length > 0) && <List.Item>Know who signs in to it</List.Item>}
          {scopesShown
            .filter((scope) => isAdministration || request.scopes.includes(scope))
            .map((scope) => (
              <List.Item key={scope} {...(scope === 'scim:admin' && { fw: 600, c: 'var(--mantine-color-error)' })}>
                {scopeWords[scope]}
              </List.Item>
            ))}
        </List>
        <Text size="sm">
          {request.onDevice ? (
            <>
              It runs on <strong>another device</strong>, whose code was typed.
            </>
          ) : (
            <>
              The answer goes to <strong>{request.redirectHost}</strong>.
            </>
          )}{' '}
          Allow it only if you have just connected this client.
        </Text>
        {remembered && (
          <Text size="sm" c="dimmed">
            You allowed it as much before, <Ago at={remembered.at} />.
          </Text>
        )}
        <Select
          label="Give access to"
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen}
          onChange={(value) => value !== null && setChosen(value)}
          allowDeselect={false}
          inputWrapperOrder={['label', 'input', 'description']}
          // Where the administrators of this tenant manage all.
          {...(isAdministration &&
            chosen === operatorTenant && {
              description: 'With this one it can do that to every tenant, and add new ones.',
              descriptionProps: { c: 'var(--mantine-color-error)', mt: 4 },
            })}
        />
        {decide.error && (
          <Text size="sm" role="alert">
            {messageOf(decide.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          {waiting > 0 && (
            <Text size="sm" c="dimmed" mr="auto">
              {waiting} more waiting
            </Text>
          )}
          <Button variant="default" onClick={() => answer(false)}>
            Deny
          </Button>
          <Button loading={decide.isPending} onClick={() => answer(true)}>
            Allow
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
