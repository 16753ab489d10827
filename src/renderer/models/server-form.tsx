import { Button, Checkbox, Group, PasswordInput, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { McpServer } from '../../api/index.ts';
import { client, faultOf, messageOf, trpc } from '../connection.ts';
import { environmentOf, environmentText, wordsIn } from './command-line.ts';
import { keptWhere } from './kept-where.ts';
import { TestResult } from './test-result.tsx';
import { Tools } from './tools.tsx';

interface Props {
  /** The one that is changed; absent for a new one. */
  kept?: McpServer & { hasSecret: boolean };
  onDone: () => void;
  onCancel: () => void;
}

/** How an MCP server is reached: by its address, or by a command that starts it. */
export function ServerForm({ kept, onDone, onCancel }: Props) {
  const about = useQuery(trpc.app.about.queryOptions());
  const given = kept?.connection;
  const [kind, setKind] = useState<'url' | 'command'>(given?.kind ?? 'url');
  const [name, setName] = useState(kept?.name ?? '');
  const [url, setUrl] = useState(given?.kind === 'url' ? given.url : '');
  const [plainHttp, setPlainHttp] = useState(given?.kind === 'url' && given.plainHttp === true);
  const [line, setLine] = useState(
    given?.kind === 'command'
      ? [given.command, ...given.args].map((word) => (/[\s"]/.test(word) ? JSON.stringify(word) : word)).join(' ')
      : '',
  );
  const [environment, setEnvironment] = useState(given?.kind === 'command' ? environmentText(given.env) : '');
  const [secretName, setSecretName] = useState(given?.secretName ?? (given ? '' : 'Authorization'));
  const [secret, setSecret] = useState('');
  const [command = '', ...args] = wordsIn(line);
  const withName = secretName.trim() !== '' && { secretName: secretName.trim() };
  const input = {
    name,
    enabled: kept?.enabled ?? true,
    connection:
      kind === 'url'
        ? { kind, url: url.trim(), ...(plainHttp && { plainHttp }), ...withName }
        : { kind, command, args, env: environmentOf(environment), ...withName },
    ...(secret !== '' && { secret }),
  };
  const save = useMutation({
    mutationFn: () =>
      kept ? client.agentSettings.changeServer.mutate({ ...input, id: kept.id }) : client.agentSettings.addServer.mutate(input),
    onSuccess: onDone,
  });
  const test = useMutation({
    mutationFn: () => client.agentSettings.testServer.mutate({ ...input, ...(kept && { id: kept.id }) }),
  });
  const failure = save.error ?? test.error;
  const fault = faultOf(failure);
  const said = failure ? messageOf(failure).replace(/^[\w.]+: /, '') : undefined;
  const errorAt = (...fields: string[]) => (fault?.field !== undefined && fields.includes(fault.field) ? said : undefined);
  const isPlaced = /^(?:name|key|connection\.(?:url|command|secretName))$/.test(fault?.field ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form noValidate aria-label={kept ? `Change ${kept.name}` : 'New server'} onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          value={name}
          error={errorAt('name')}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <SegmentedControl
          aria-label="How it is reached"
          value={kind}
          onChange={(chosen) => {
            setKind(chosen);
            if (secretName === 'Authorization' && chosen === 'command') setSecretName('');
            if (secretName === '' && chosen === 'url') setSecretName('Authorization');
          }}
          data={[
            { value: 'url', label: 'By an address' },
            { value: 'command', label: 'By a command' },
          ]}
        />
        {kind === 'url' ? (
          <>
            <TextInput
              label="Address"
              placeholder="https://…/mcp"
              inputMode="url"
              value={url}
              error={errorAt('connection.url')}
              onChange={({ currentTarget }) => setUrl(currentTarget.value)}
            />
            {/^http:\/\/(?!127\.|localhost|\[::1\])/.test(url.trim()) && (
              <Checkbox
                label="Connect to this address without encryption"
                description="Others on the way can read what is sent, and the secret. Only for a network that you trust."
                checked={plainHttp}
                onChange={({ currentTarget }) => setPlainHttp(currentTarget.checked)}
              />
            )}
          </>
        ) : (
          <>
            <TextInput
              label="Command"
              description="It runs on this computer with your rights, as often as the agent needs it. Add only what you trust."
              placeholder="npx -y @example/mcp-server"
              value={line}
              error={errorAt('connection.command')}
              onChange={({ currentTarget }) => setLine(currentTarget.value)}
            />
            <Textarea
              label="Environment"
              description="One NAME=value on a line. Keys belong below."
              autosize
              minRows={1}
              maxRows={6}
              value={environment}
              onChange={({ currentTarget }) => setEnvironment(currentTarget.value)}
            />
          </>
        )}
        <div className="settings-fields">
          <TextInput
            label={kind === 'url' ? 'Header of the secret' : 'Variable of the secret'}
            placeholder={kind === 'url' ? 'Authorization' : 'API_KEY'}
            value={secretName}
            error={errorAt('connection.secretName')}
            onChange={({ currentTarget }) => setSecretName(currentTarget.value)}
          />
          <PasswordInput
            label="Secret"
            placeholder={kept?.hasSecret ? 'The secret that is kept stays' : kind === 'url' ? 'Bearer …' : ''}
            autoComplete="off"
            value={secret}
            error={errorAt('key')}
            onChange={({ currentTarget }) => setSecret(currentTarget.value)}
          />
        </div>
        <Text size="xs" c="dimmed">
          {keptWhere(about.data)}
        </Text>
        <TestResult test={{ ...test, error: fault ? undefined : test.error }} />
        <Tools names={test.data?.found ?? []} />
        {said !== undefined && !isPlaced && (fault || save.error) && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {said}
          </Text>
        )}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {kept ? 'Save' : 'Add'}
          </Button>
          <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            Test connection
          </Button>
          <Button variant="subtle" color="gray" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
