import { Alert, Button, Loader, Stack, Switch, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Ago } from '../ago.tsx';
import { client as api, messageOf, trpc } from '../connection.ts';
import { useChange } from './use-change.ts';

/** How people and clients may sign in, and the keys with which Tandem signs. The switches take effect at once. */
export function SignInSettings() {
  const settings = useQuery(trpc.clients.signIn.queryOptions());
  const change = useChange();
  if (!settings.data)
    return settings.error ? <Text role="alert">{messageOf(settings.error)}</Text> : <Loader aria-label="Loading" />;
  const { demoSignIn, metadataDocuments, signingKey, storage } = settings.data;
  const set = (values: { demoSignIn?: boolean; metadataDocuments?: boolean }, told: string) =>
    change.mutate({ change: () => api.clients.setSignIn.mutate(values), told });
  return (
    <Stack gap="lg">
      <Switch
        label="Demo sign-in"
        description="In tenants with sample data, anybody can sign in as a person who has no password. Your own tenants are never open like this."
        checked={demoSignIn}
        onChange={({ currentTarget: { checked } }) =>
          set({ demoSignIn: checked }, checked ? 'The demo sign-in is on' : 'The demo sign-in is off')
        }
      />
      <Switch
        label="Clients that name themselves by a web address"
        description="Tandem then reads that address, on the internet, when such a client connects. Without internet some clients can only sign in while this is off."
        checked={metadataDocuments}
        onChange={({ currentTarget: { checked } }) =>
          set({ metadataDocuments: checked }, checked ? 'Web addresses are read' : 'No web address is read')
        }
      />
      <div>
        <Title order={3} size="h5" mb={4}>
          Signing keys
        </Title>
        <Text size="sm" mb="sm">
          {storage.detail} The key that signs now{' '}
          {signingKey.since === undefined ? (
            'was made with this data folder'
          ) : (
            <>
              was made <Ago at={signingKey.since} />
            </>
          )}
          {signingKey.retired > 0 &&
            `; ${signingKey.retired === 1 ? 'one before it still counts' : `${signingKey.retired} before it still count`} for up to an hour`}
          .
        </Text>
        {storage.place === 'file' && (
          <Alert color="yellow" mb="sm" py="xs" title="The keys are in a file">
            Only your user can read it, but so can every program that you start, and a backup of the folder has it. On Linux,
            install and unlock a keychain (GNOME Keyring or KWallet), then start Tandem again: the keys move there by themselves.
          </Alert>
        )}
        <Button
          variant="default"
          loading={change.isPending}
          onClick={() =>
            change.mutate({ change: () => api.clients.rotateSigningKey.mutate(), told: 'New keys sign from now on' })
          }
        >
          Make new signing keys
        </Button>
        <Text size="xs" c="dimmed" mt={6}>
          Nobody is signed out: what the old keys have signed is good for another hour.
        </Text>
      </div>
      {change.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {messageOf(change.error)}
        </Text>
      )}
    </Stack>
  );
}
