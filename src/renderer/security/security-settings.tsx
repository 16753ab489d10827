import {
  Alert,
  Button,
  Group,
  Loader,
  NumberInput,
  Select,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { SecurityChange, SecurityView } from '../../api/index.ts';
import { client as api, messageOf, queryClient, trpc } from '../connection.ts';
import { LimitFields } from './limit-fields.tsx';
import './security.css';

const everyMs = 5000;

/** Who may call, how much, and when Tandem raises an alarm: for all tenants, from the next call on. */
export function SecuritySettings() {
  const settings = useQuery({ ...trpc.security.read.queryOptions(), refetchInterval: everyMs });
  if (!settings.data)
    return settings.error ? <Text role="alert">{messageOf(settings.error)}</Text> : <Loader aria-label="Loading" />;
  const { data } = settings;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        These hold for all tenants and take effect with the next call, without a restart. An empty field means the usual value,
        which it shows. One client has limits of its own under “Clients and access keys”, one tenant under “Manage tenants”.
      </Text>
      {data.problem !== undefined && (
        <Alert color="red" title="The settings file has an error" py="xs">
          It was edited on the disk and cannot be used as it is; what was set before holds on. Correct the file, then change
          settings here.
          <Text size="xs" mt={6} ff="monospace" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {data.problem}
          </Text>
        </Alert>
      )}
      <Limits key={`limits ${JSON.stringify(data.set)}`} view={data} />
      <Keys key={`keys ${data.keyHeader}`} view={data} />
      <Pages key={`pages ${JSON.stringify(data.pages)}`} view={data} />
      <Alarms key={`alarms ${JSON.stringify(data.alarms)}`} view={data} />
      <LogLevel view={data} />
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        All of this is in {data.path}, which may be edited while Tandem runs.
      </Text>
    </Stack>
  );
}

const useChange = () =>
  useMutation({
    mutationFn: async ({ change, told }: { change: SecurityChange; told: string }) => {
      await api.security.update.mutate(change);
      notifications.show({ message: told });
    },
    onSettled: () => queryClient.invalidateQueries(trpc.security.pathFilter()),
  });

/** A part of the settings that is saved on its own. */
function Part({
  title,
  change,
  isChanged,
  told,
  children,
}: {
  title: string;
  change: SecurityChange;
  isChanged: boolean;
  told: string;
  children: ReactNode;
}) {
  const save = useChange();
  return (
    <form
      className="security-part"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) save.mutate({ change, told });
      }}
    >
      <Title order={3} size="h5" mb="sm">
        {title}
      </Title>
      <Stack gap="md">
        {children}
        {save.error && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {messageOf(save.error)}
          </Text>
        )}
        <Group>
          <Button type="submit" variant="default" disabled={!isChanged} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const kinds = [
  { name: 'keys', label: 'An access key' },
  { name: 'clients', label: 'A client that somebody has signed in' },
  { name: 'tenants', label: 'All clients of a tenant together' },
] as const;

function Limits({ view: { set, defaults } }: { view: SecurityView }) {
  const [limits, setLimits] = useState(set);
  return (
    <Part
      title="How much may be called"
      change={limits}
      isChanged={JSON.stringify(limits) !== JSON.stringify(set)}
      told="The limits hold from the next call on"
    >
      {kinds.map(({ name, label }) => (
        <div key={name} role="group" aria-label={label}>
          <Text size="sm" fw={600} mb={4}>
            {label}
          </Text>
          <LimitFields
            value={limits[name]}
            usual={defaults[name]}
            onChange={(value) => setLimits({ ...limits, [name]: value })}
          />
        </div>
      ))}
    </Part>
  );
}

function Keys({ view: { keyHeader } }: { view: SecurityView }) {
  const [typed, setTyped] = useState(keyHeader);
  return (
    <Part
      title="Access keys"
      change={{ keyHeader: typed.trim() }}
      isChanged={typed.trim() !== keyHeader && typed.trim() !== ''}
      told="Keys are taken from this header, too"
    >
      <TextInput
        label="Header that carries a key"
        description="Beside “Authorization: Bearer”, which is always taken."
        maw={360}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Part>
  );
}

function Pages({ view: { pages } }: { view: SecurityView }) {
  const [enabled, setEnabled] = useState(pages.enabled);
  const [typed, setTyped] = useState(pages.origins.join('\n'));
  const origins = typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const change = { pages: { enabled, origins } };
  return (
    <Part
      title="Web pages that may call"
      change={change}
      isChanged={JSON.stringify(change.pages) !== JSON.stringify(pages)}
      told="The list of web pages is saved"
    >
      <Switch
        label="Let web pages call"
        description="Only those below, and only with an access key or a sign-in. All others are refused."
        checked={enabled}
        onChange={({ currentTarget: { checked } }) => setEnabled(checked)}
      />
      <Textarea
        label="Their addresses"
        description="One in each line, such as https://app.example.com, without a path."
        autosize
        minRows={2}
        maxRows={8}
        disabled={!enabled}
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Part>
  );
}

const alarmFields = [
  { name: 'failed_percent', label: 'Failed calls', suffix: ' %', min: 0.1, max: 100, decimals: 1 },
  { name: 'p95_ms', label: '1 in 20 calls takes', suffix: ' ms', min: 10, max: 600_000, decimals: 0 },
  { name: 'writes_waiting', label: 'Changes that wait', suffix: '', min: 1, max: 10_000, decimals: 0 },
  { name: 'disk_free_mb', label: 'Room on the disk', suffix: ' MB', min: 10, max: 10_000_000, decimals: 0 },
] as const;

function Alarms({ view: { alarms } }: { view: SecurityView }) {
  const [typed, setTyped] = useState<Record<string, number | string>>(alarms);
  const isWhole = alarmFields.every(({ name }) => typeof typed[name] === 'number');
  return (
    <Part
      title="Alarms"
      change={{ alarms: typed as Record<string, number> }}
      isChanged={isWhole && JSON.stringify(typed) !== JSON.stringify(alarms)}
      told="The alarms are set"
    >
      <div className="limit-fields">
        {alarmFields.map(({ name, label, suffix, min, max, decimals }) => (
          <NumberInput
            key={name}
            label={label}
            description={name === 'disk_free_mb' ? 'less than' : 'more than'}
            suffix={suffix}
            min={min}
            max={max}
            decimalScale={decimals}
            thousandSeparator=" "
            value={typed[name] ?? ''}
            onChange={(value) => setTyped({ ...typed, [name]: value })}
          />
        ))}
      </div>
    </Part>
  );
}

const levels = [
  { value: 'error', label: 'Errors only' },
  { value: 'warn', label: 'Warnings and errors' },
  { value: 'info', label: 'What happens (usual)' },
  { value: 'debug', label: 'Details, for finding a fault' },
  { value: 'trace', label: 'Everything' },
  { value: 'fatal', label: 'Only what ends Tandem' },
  { value: 'silent', label: 'Nothing' },
];

function LogLevel({ view: { logLevel } }: { view: SecurityView }) {
  const save = useChange();
  return (
    <div className="security-part">
      <Select
        label="The log keeps"
        description="Takes effect at once."
        maw={360}
        data={levels}
        value={logLevel}
        allowDeselect={false}
        disabled={save.isPending}
        onChange={(level) => level !== null && save.mutate({ change: { logLevel: level }, told: 'The log is set' })}
      />
      {save.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(save.error)}
        </Text>
      )}
    </div>
  );
}
