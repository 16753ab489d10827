import { Alert, Button, Code, CopyButton, Group, Paper, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Tenant } from '../../directory/pure.ts';
import { client as api, messageOf, trpc } from '../connection.ts';
import { NewKey } from './new-key.tsx';
import { useChange } from './use-change.ts';

const kinds = [
  { value: 'confidential', label: 'Web app', description: 'Runs on a server and is given a secret.' },
  { value: 'public', label: 'App or single page', description: 'Runs with the person, who could read a secret: it has none.' },
  { value: 'machine', label: 'Machine', description: 'Nobody signs in to it: it has an access of its own.' },
] as const;
type Kind = (typeof kinds)[number]['value'];

interface Made {
  id: string;
  secret?: string | undefined;
}

interface Props {
  tenants: readonly Tenant[];
  tenant: string;
  onClose: () => void;
}

/** Registers an app that does not register itself, and shows what to enter there. */
export function NewApp({ tenants, tenant, onClose }: Props) {
  const [kind, setKind] = useState<Kind>('confidential');
  const [made, setMade] = useState<Made>();
  if (made) return <EnterThere {...made} kind={kind} onDone={onClose} />;
  return (
    <Paper withBorder p="md">
      <Stack gap="md">
        <Radio.Group
          label="What is it?"
          value={kind}
          onChange={(value) => {
            const known = kinds.find((each) => each.value === value);
            if (known) setKind(known.value);
          }}
        >
          <Group mt="xs" gap="md" align="flex-start">
            {kinds.map(({ value, label, description }) => (
              <Radio key={value} value={value} label={label} description={description} flex="1 1 190px" />
            ))}
          </Group>
        </Radio.Group>
        {kind === 'machine' ? (
          <NewKey inside tenants={tenants} tenant={tenant} onMade={(secret, id) => setMade({ id, secret })} onClose={onClose} />
        ) : (
          <AppForm key={kind} kind={kind} onMade={setMade} onClose={onClose} />
        )}
      </Stack>
    </Paper>
  );
}

function AppForm({
  kind,
  onMade,
  onClose,
}: {
  kind: Exclude<Kind, 'machine'>;
  onMade: (made: Made) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [redirects, setRedirects] = useState('');
  const [after, setAfter] = useState('');
  const change = useChange();
  const problem = change.error ? messageOf(change.error) : undefined;
  const [, field, fault] = /^(redirects|signOutRedirects): ([\s\S]*)$/.exec(problem ?? '') ?? [];
  const faultIn = (name: string) => field === name && <span role="alert">{fault}</span>;
  const register = async () => {
    const app = { name: name.trim(), kind, redirects: linesOf(redirects), signOutRedirects: linesOf(after) };
    onMade(await api.clients.register.mutate(app));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ change: register, told: 'The app is registered' });
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="People see it when they sign in."
          required
          maxLength={100}
          autoComplete="off"
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group gap="sm" align="flex-start">
          <Textarea
            label="Redirect addresses"
            description="Where people come back to; one a line."
            placeholder="https://app.example.com/callback"
            flex="1 1 260px"
            required
            autosize
            minRows={2}
            maxRows={10}
            spellCheck={false}
            error={faultIn('redirects')}
            value={redirects}
            onChange={(event) => setRedirects(event.currentTarget.value)}
          />
          <Textarea
            label="After signing out"
            description="Where they may go then; one a line."
            flex="1 1 260px"
            autosize
            minRows={2}
            maxRows={10}
            spellCheck={false}
            error={faultIn('signOutRedirects')}
            value={after}
            onChange={(event) => setAfter(event.currentTarget.value)}
          />
        </Group>
        {problem !== undefined && !field && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {problem}
          </Text>
        )}
        <Group gap="xs">
          <Button type="submit" loading={change.isPending} disabled={name.trim() === '' || linesOf(redirects).length === 0}>
            Register the app
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What to enter in the app; its secret is never shown again. */
function EnterThere({ id, secret, kind, onDone }: Made & { kind: Kind; onDone: () => void }) {
  const about = useQuery(trpc.app.about.queryOptions());
  const issuer = about.data && new URL(about.data.mcpUrl).origin;
  const title = secret === undefined ? 'Enter this in the app' : 'Enter this in the app now. The secret is not shown again.';
  return (
    <Alert title={title} role="status" color="teal">
      <Stack gap="sm">
        {issuer !== undefined &&
          (kind === 'machine' ? (
            <Value label="Token address" text={`${issuer}/oauth/token`} />
          ) : (
            <Value label="Issuer" text={issuer} />
          ))}
        <Value label="Client ID" text={id} />
        {secret !== undefined && <Value label="Client secret" text={secret} />}
        <Text size="sm">
          {kind === 'machine'
            ? 'It asks there with the grant type client_credentials. The secret also works by itself, as an access key.'
            : 'It finds everything else at the issuer. What it asks for, you allow when it is used for the first time.'}
        </Text>
        <div>
          <Button variant="default" onClick={onDone}>
            Done
          </Button>
        </div>
      </Stack>
    </Alert>
  );
}

function Value({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {label}
      </Text>
      <Group gap="xs" wrap="nowrap">
        <Code flex={1} py={6} px={8} style={{ overflowWrap: 'anywhere' }}>
          {text}
        </Code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" aria-label={`Copy ${label.toLowerCase()}`} onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
