import { Alert, Button, Checkbox, Group, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ConnectedClient } from '../../api/index.ts';
import { toolsets, type Tenant, type Toolset } from '../../directory/pure.ts';
import { Ago } from '../ago.tsx';
import { client as api, messageOf } from '../connection.ts';
import { OwnLimits } from '../security/own-limits.tsx';
import { ClientEntry } from './client-entry.tsx';
import { ShownOnce } from './shown-once.tsx';
import { useChange } from './use-change.ts';
import { accessOf, accountLabel, scopeLabels, scopes, toolsetLabels, type Scope } from './words.ts';

interface Props {
  client: ConnectedClient;
  tenants: readonly Tenant[];
  onGone: () => void;
}

/** One client or key: what is known of it, and what can be done with it. */
export function ClientCard({ client, tenants, onGone }: Props) {
  const { id, name, registration, grants, reusedAt, created, expires, ownName } = client;
  const change = useChange();
  const run = (work: () => Promise<unknown>, told: string) => change.mutate({ change: work, told });
  const [revoking, setRevoking] = useState(false);
  const isOurs = registration === 'built-in' || registration === 'stdio';
  const nameOfTenant = (tenant: string) => tenants.find((each) => each.id === tenant)?.name ?? tenant;
  return (
    <Stack gap="md">
      {reusedAt !== undefined && (
        <Alert color="red" title="A used sign-in came back" py="xs">
          Somebody came <Ago at={reusedAt} /> with a sign-in of this client that had been used already. It may have been copied,
          so that access has ended. If you use the client, connect it again; if not, revoke it.
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {ownName !== undefined && <>It calls itself “{ownName}”. </>}
        {created !== undefined && (
          <>
            Known since <Ago at={created} />.{' '}
          </>
        )}
        {expires !== undefined && <>It ends on {expires.slice(0, 10)}. </>}
        {isOurs && 'It ends with Tandem. The policy says what it may do.'}
      </Text>
      {!isOurs && <Rename client={client} />}
      {client.agents.map((agent) => (
        <ClientEntry key={agent.tenant} agent={agent} name={name} tenantName={nameOfTenant(agent.tenant)} />
      ))}
      {!isOurs && client.scopes.length > 0 && <Narrow key={client.scopes.join(' ')} client={client} />}
      {!isOurs && <ChooseToolsets client={client} />}
      {!isOurs && (
        <OwnLimits
          key={JSON.stringify(client.limits)}
          label="How much it may call"
          limits={client.limits}
          kind={registration === 'key' ? 'keys' : 'clients'}
          isSaving={change.isPending}
          onSave={(limits) => run(() => api.clients.limit.mutate({ id, limits }), 'Its limits are set')}
        />
      )}
      {grants.length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={6}>
            Allowed
          </Text>
          <ul className="client-grants">
            {grants.map((grant) => (
              <li key={grant.id}>
                <span>
                  {nameOfTenant(grant.tenant)}: {accessOf(grant).toLowerCase()}, by {accountLabel(grant.account)},{' '}
                  <Ago at={grant.created} />
                </span>
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={change.isPending}
                  onClick={() => run(() => api.clients.endGrant.mutate({ id, grant: grant.id }), 'This access has ended')}
                >
                  End this
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {client.hasSecret && <Rotate client={client} />}
      {change.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(change.error)}
        </Text>
      )}
      {registration !== 'built-in' &&
        (revoking ? (
          <Alert color="red" title={`Revoke ${name}?`} role="alertdialog" aria-label={`Revoke ${name}?`}>
            <Text size="sm">
              All its access ends at once, with everything that it is doing. What it has changed stays, and can be undone in the
              history. To come back it must be {madeAnew[registration] ?? 'connected and allowed'} anew.
            </Text>
            <Group mt="sm" gap="xs">
              <Button variant="default" data-autofocus onClick={() => setRevoking(false)}>
                Keep it
              </Button>
              <Button
                color="red"
                loading={change.isPending}
                onClick={() =>
                  run(async () => {
                    await api.clients.revoke.mutate({ id });
                    onGone();
                  }, `${name} has no access any more`)
                }
              >
                Revoke
              </Button>
            </Group>
          </Alert>
        ) : (
          <div>
            <Button variant="default" onClick={() => setRevoking(true)}>
              Revoke …
            </Button>
          </div>
        ))}
    </Stack>
  );
}

const madeAnew: Partial<Record<ConnectedClient['registration'], string>> = {
  key: 'made',
  administrator: 'registered and allowed',
};

function Rename({ client: { id, name } }: { client: ConnectedClient }) {
  const [typed, setTyped] = useState(name);
  const change = useChange();
  const isSame = typed.trim() === '' || typed.trim() === name;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame) change.mutate({ change: () => api.clients.rename.mutate({ id, name: typed.trim() }), told: 'Renamed' });
      }}
    >
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Name"
          description="Its changes are recorded under this name."
          flex="1 1 200px"
          maw={360}
          required
          maxLength={100}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={change.error && messageOf(change.error)}
        />
        <Button type="submit" variant="default" disabled={isSame || change.isPending}>
          Rename
        </Button>
      </Group>
    </form>
  );
}

/** Takes away some of what a client may do; more is given by allowing it anew. */
function Narrow({ client: { id, scopes: has, registration } }: { client: ConnectedClient }) {
  const change = useChange();
  const [kept, setKept] = useState<readonly Scope[]>(has);
  const isChanged = kept.length < has.length && kept.length > 0;
  return (
    <div>
      <Checkbox.Group
        label="It may"
        description={
          registration === 'key'
            ? 'What you take away is gone for good; make another key to give more.'
            : 'What you take away it must ask for again, and you must allow.'
        }
        value={[...kept]}
        onChange={(value) => setKept(scopes.filter((scope) => value.includes(scope)))}
      >
        <Group mt="xs" gap="lg">
          {has.map((scope) => (
            <Checkbox key={scope} value={scope} label={scopeLabels[scope]} disabled={has.length === 1} />
          ))}
          {isChanged && (
            <Button
              size="compact-sm"
              variant="default"
              loading={change.isPending}
              onClick={() =>
                change.mutate({ change: () => api.clients.narrow.mutate({ id, scopes: [...kept] }), told: 'It may do less now' })
              }
            >
              Take away
            </Button>
          )}
        </Group>
      </Checkbox.Group>
      {change.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(change.error)}
        </Text>
      )}
    </div>
  );
}

/** Which tools a client is shown, where they shall not be the usual ones. */
function ChooseToolsets({ client: { id, toolsets: chosen } }: { client: ConnectedClient }) {
  const change = useChange();
  const choose = (toolsets: Toolset[] | undefined) =>
    change.mutate({
      change: () => api.clients.chooseToolsets.mutate({ id, toolsets }),
      told: toolsets ? 'Its tools have changed' : 'It has the usual tools',
    });
  return (
    <div>
      <Switch
        label="Choose which tools it has"
        description={
          chosen
            ? 'It has these and no others, and sees the change at once.'
            : 'It has those of its tenant, or else the usual ones.'
        }
        checked={chosen !== undefined}
        disabled={change.isPending}
        onChange={({ currentTarget: { checked } }) => choose(checked ? ['scim', 'collaboration'] : undefined)}
      />
      {chosen && (
        <Checkbox.Group
          aria-label="Tools"
          value={chosen}
          onChange={(value) => choose(toolsets.filter((each) => value.includes(each)))}
        >
          <Stack mt="xs" ml="xl" gap={6}>
            {toolsets.map((each) => (
              <Checkbox
                key={each}
                value={each}
                label={toolsetLabels[each]}
                disabled={change.isPending || (chosen.length === 1 && chosen[0] === each)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      {change.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(change.error)}
        </Text>
      )}
    </div>
  );
}

const keeps = [
  { value: '0', label: 'The old one ends at once' },
  { value: '10', label: 'The old one works for 10 minutes' },
  { value: '1440', label: 'The old one works for a day' },
];

function Rotate({ client: { id, registration, previousUntil } }: { client: ConnectedClient }) {
  const what = registration === 'key' ? 'key' : 'secret';
  const change = useChange();
  const [minutes, setMinutes] = useState('10');
  const [key, setKey] = useState<string>();
  if (key !== undefined) return <ShownOnce what={what} text={key} onDone={() => setKey(undefined)} />;
  const rotate = async () => setKey((await api.clients.rotate.mutate({ id, minutes: Number(minutes) })).key);
  return (
    <div>
      <Group align="flex-end" gap="xs">
        <Select
          label={what === 'key' ? 'New text for this key' : 'New secret for this app'}
          flex="1 1 240px"
          maw={360}
          data={keeps}
          value={minutes}
          onChange={(value) => value !== null && setMinutes(value)}
          allowDeselect={false}
        />
        <Button
          variant="default"
          loading={change.isPending}
          onClick={() =>
            change.mutate({ change: rotate, told: what === 'key' ? 'The key has a new text' : 'The app has a new secret' })
          }
        >
          Rotate
        </Button>
      </Group>
      {previousUntil !== undefined && (
        <Text size="xs" c="dimmed" mt={6}>
          The one before still works, until {new Date(previousUntil).toLocaleString()}.
        </Text>
      )}
      {change.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(change.error)}
        </Text>
      )}
    </div>
  );
}
