import {
  ActionIcon,
  Button,
  Center,
  Group,
  Loader,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Title,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks';
import { openSpotlight } from '@mantine/spotlight';
import { IconCommand, IconMoon, IconPlugConnected, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import type { About } from '../api/index.ts';
import type { Tenant } from '../directory/pure.ts';
import { AgentPane } from './agent/agent-pane.tsx';
import { Brand } from './brand.tsx';
import { keysText, type Command } from './commands.ts';
import { Approvals } from './connect/approvals.tsx';
import { ConnectDialog } from './connect/connect-dialog.tsx';
import { isSessionOver, messageOf, trpc } from './connection.ts';
import { Editor } from './editor/editor.tsx';
import { NewPerson } from './editor/new-person.tsx';
import { useLive } from './live.ts';
import { Palette } from './palette.tsx';
import { PeoplePane } from './people/people-pane.tsx';
import { SetupScreen } from './setup-screen.tsx';
import { StatusBar } from './status-bar.tsx';

/** The window: asks what there is, then shows it. */
export function App() {
  const about = useQuery(trpc.app.about.queryOptions());
  const tenants = useQuery({ ...trpc.tenants.list.queryOptions(), enabled: about.data?.setupNeeded === false });
  const error = about.error ?? tenants.error;
  if (error)
    return (
      <Center h="100%" p="md">
        <Stack maw={480}>
          <Title order={1} size="h3">
            {isSessionOver(error) ? 'This window’s session has ended' : 'Tandem does not answer'}
          </Title>
          <Text>
            {isSessionOver(error)
              ? 'Tandem was started again, or this page was opened without its address. Start Tandem, or run “tandem open” for a new address.'
              : messageOf(error)}
          </Text>
          <Button variant="default" onClick={() => void (about.error ? about : tenants).refetch()}>
            Try again
          </Button>
        </Stack>
      </Center>
    );
  if (about.data?.setupNeeded) return <SetupScreen />;
  if (!about.data || !tenants.data)
    return (
      <Center h="100%">
        <Loader aria-label="Loading" />
      </Center>
    );
  return <Workspace about={about.data} tenants={tenants.data} />;
}

type Pane = 'people' | 'person' | 'agent';

function Workspace({ about, tenants }: { about: About; tenants: readonly Tenant[] }) {
  const live = useLive();
  const fallback = tenants.find(({ sample }) => sample)?.id ?? tenants[0]?.id ?? 'default';
  const [stored, setTenant] = useLocalStorage({ key: 'tandem.tenant', defaultValue: fallback });
  const tenant = tenants.some(({ id }) => id === stored) ? stored : fallback;
  const [openId, setOpenId] = useState<string>();
  const [pane, setPane] = useState<Pane>('people');
  const [connecting, connect] = useDisclosure(false);
  const { setColorScheme } = useMantineColorScheme();
  // What is on screen: until somebody chooses, it is what the system has.
  const colorScheme = useComputedColorScheme('light');
  const search = useRef<HTMLInputElement>(null);
  const agent = useRef<HTMLTextAreaElement>(null);
  /** On a narrow screen the pane must be there before it can have the focus. */
  const focusIn = (part: Pane, field: RefObject<HTMLElement | null>) => {
    flushSync(() => setPane(part));
    field.current?.focus();
  };
  const open = (id: string | undefined) => {
    setOpenId(id);
    setPane(id === undefined ? 'people' : 'person');
  };
  const switchTenant = (id: string) => {
    setTenant(id);
    open(undefined);
  };
  const commands: Command[] = [
    { id: 'search', label: 'Search people', keys: 'mod+F', run: () => focusIn('people', search) },
    { id: 'new-person', label: 'New person', keys: 'alt+N', run: () => open('new') },
    { id: 'agent', label: 'Ask the agent', keys: 'mod+J', run: () => focusIn('agent', agent) },
    { id: 'commands', label: 'All commands', keys: 'mod+K', run: openSpotlight },
    { id: 'connect', label: 'Connect an AI client', run: connect.open },
    { id: 'theme', label: 'Switch between light and dark', run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark') },
    ...tenants
      .filter(({ id }) => id !== tenant)
      .map(({ id, name }) => ({ id: `tenant ${id}`, label: `Go to ${name}`, run: () => switchTenant(id) })),
  ];
  useHotkeys(
    commands.flatMap(({ keys, run }) => (keys === undefined ? [] : [[keys, run] as [string, () => void]])),
    [],
  );
  useHotkeys([['/', () => focusIn('people', search)]]);
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(
    () =>
      window.tandem?.onMenu((name) => {
        if (name === 'save')
          dispatchEvent(new KeyboardEvent('keydown', { key: 's', code: 'KeyS', ctrlKey: true, metaKey: true, bubbles: true }));
        else latest.current.find(({ id }) => id === name)?.run();
      }),
    [],
  );
  return (
    <div className="app">
      <header>
        <Group px="md" py={8} gap="sm" wrap="nowrap" style={{ borderBottom: '1px solid var(--mantine-color-default-border)' }}>
          <Brand />
          <Select
            aria-label="Tenant"
            w={200}
            miw={0}
            data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
            value={tenant}
            onChange={(id) => id !== null && switchTenant(id)}
            allowDeselect={false}
          />
          <Group gap={4} ml="auto" wrap="nowrap">
            <Button
              variant="subtle"
              leftSection={<IconPlugConnected size={16} aria-hidden />}
              onClick={connect.open}
              visibleFrom="sm"
            >
              Connect an AI client
            </Button>
            <ActionIcon variant="subtle" size="lg" aria-label="Connect an AI client" onClick={connect.open} hiddenFrom="sm">
              <IconPlugConnected size={18} aria-hidden />
            </ActionIcon>
            <Tooltip label={`All commands (${keysText('mod+K')})`}>
              <ActionIcon variant="subtle" size="lg" aria-label="All commands" onClick={openSpotlight}>
                <IconCommand size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={colorScheme === 'dark' ? 'Light colours' : 'Dark colours'}>
              <ActionIcon
                variant="subtle"
                size="lg"
                aria-label={colorScheme === 'dark' ? 'Use light colours' : 'Use dark colours'}
                onClick={() => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark')}
              >
                {colorScheme === 'dark' ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          </Group>
        </Group>
        <SegmentedControl
          className="narrow-tabs"
          fullWidth
          mx="xs"
          mt="xs"
          aria-label="Part of the window"
          value={pane}
          onChange={(value) => setPane(value)}
          data={[
            { value: 'people', label: 'People' },
            { value: 'person', label: 'Person' },
            { value: 'agent', label: 'Agent' },
          ]}
        />
      </header>
      <div className="panes">
        <section className="pane pane-side" aria-label="People" data-shown={pane === 'people'}>
          <PeoplePane key={tenant} tenant={tenant} openId={openId} onOpen={open} onNew={() => open('new')} searchRef={search} />
        </section>
        <main className="pane" aria-label="Person" data-shown={pane === 'person'}>
          {openId === undefined ? (
            <Center h="100%" p="md">
              <Text c="dimmed" ta="center">
                Choose a person in the list, or press {keysText('mod+K')} for all commands.
              </Text>
            </Center>
          ) : openId === 'new' ? (
            <NewPerson key={tenant} tenant={tenant} onCreated={open} onClose={() => open(undefined)} />
          ) : (
            <Editor key={`${tenant} ${openId}`} tenant={tenant} id={openId} onClose={() => open(undefined)} />
          )}
        </main>
        <aside className="pane pane-side" aria-label="Agent" data-shown={pane === 'agent'}>
          <AgentPane key={tenant} tenant={tenant} openId={openId === 'new' ? undefined : openId} onOpen={open} inputRef={agent} />
        </aside>
      </div>
      <StatusBar live={live} mcpUrl={about.mcpUrl} />
      <ConnectDialog about={about} tenant={tenant} opened={connecting} onClose={connect.close} />
      <Approvals tenants={tenants} tenant={tenant} />
      <Palette commands={commands} />
    </div>
  );
}
