import { Button, Center, Paper, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Mark } from './brand.tsx';
import { messageOf, queryClient, trpc } from './connection.ts';

/** The first start: an empty directory, or a company to look around in. */
export function SetupScreen() {
  const setup = useMutation(trpc.app.setup.mutationOptions({ onSuccess: () => queryClient.invalidateQueries() }));
  const choices = [
    {
      kind: 'sample',
      title: 'A sample company',
      text: 'About 200 people in two companies, with managers, departments and groups. Good for looking around.',
    },
    { kind: 'empty', title: 'An empty directory', text: 'Start with nobody, and add your own people.' },
  ] as const;
  return (
    <Center h="100%" p="md">
      <Stack maw={640} gap="lg" className="setup">
        <Mark height={28} />
        <div>
          <Title order={1}>Welcome to Tandem</Title>
          <Text c="dimmed" mt="xs">
            One directory of people that you and AI agents edit at the same time. Nobody’s change is silently lost. What should it
            begin with?
          </Text>
        </div>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {choices.map(({ kind, title, text }, index) => (
            <Paper key={kind} withBorder p="lg" radius="md">
              <Stack h="100%" justify="space-between">
                <div>
                  <Title order={2} size="h4">
                    {title}
                  </Title>
                  <Text size="sm" mt="xs">
                    {text}
                  </Text>
                </div>
                <Button
                  variant={index === 0 ? 'filled' : 'default'}
                  disabled={setup.isPending}
                  onClick={() => setup.mutate({ kind })}
                >
                  Begin with {title.toLowerCase()}
                </Button>
              </Stack>
            </Paper>
          ))}
        </SimpleGrid>
        <div role="status">
          {setup.isPending && (
            <>
              <Text size="sm" mb={4}>
                Making it ready …
              </Text>
              <Progress value={100} animated aria-label="Making it ready" />
            </>
          )}
          {setup.error && <Text size="sm">{messageOf(setup.error)}</Text>}
        </div>
      </Stack>
    </Center>
  );
}
