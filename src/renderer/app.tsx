import {
  ActionIcon,
  Button,
  Center,
  Group,
  Loader,
  SegmentedControl,
  Stack,
  Text,
  Title,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks';
import { openSpotlight } from '@mantine/spotlight';
import {
  IconActivity,
  IconChartBar,
  IconCommand,
  IconHistory,
  IconListSearch,
  IconMoon,
  IconPlugConnected,
  IconSun,
  IconTimelineEvent,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Activity, useEffect, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import type { About } from '../api/index.ts';
import type { Tenant } from '../directory/pure.ts';
import { AgentPane } from './agent/agent-pane.tsx';
import { openConversation } from './agent/current.ts';
import { ActivityDialog, type ActivityTab } from './activity/activity-dialog.tsx';
import { AlarmBanner } from './activity/alarm-banner.tsx';
import { AuditDialog } from './audit/audit-dialog.tsx';
import { Brand } from './brand.tsx';
import type { Command } from './commands.ts';
import { ClientsDialog } from './clients/clients-dialog.tsx';
import { Approvals } from './connect/approvals.tsx';
import { ConflictsDialog } from './conflicts/conflicts-dialog.tsx';
import { ConnectDialog } from './connect/connect-dialog.tsx';
import { isSessionOver, messageOf, trpc } from './connection.ts';
import { drafts } from './editor/drafts.ts';
import { ExtraFieldsDialog } from './extra-fields/extra-fields-dialog.tsx';
import { GroupsPane } from './groups/groups-pane.tsx';
import { ListSwitch, type ListKind } from './groups/list-switch.tsx';
import { HeaderTools, type HeaderTool } from './header-tools.tsx';
import { InboxButton } from './inbox/inbox-button.tsx';
import { InboxDialog } from './inbox/inbox-dialog.tsx';
import { useInbox } from './inbox/use-inbox.tsx';
import { useLive } from './live.ts';
import { useScreens } from './navigation.ts';
import { SettingsDialog, type SettingsPart } from './models/settings-dialog.tsx';
import { Palette } from './palette.tsx';
import { MomentDialog } from './past/moment-dialog.tsx';
import { PastView } from './past/past-view.tsx';
import { PeoplePane } from './people/people-pane.tsx';
import { ScenariosDialog } from './scenarios/scenarios-dialog.tsx';
import { Screens } from './screens.tsx';
import { PolicyDialog } from './policy/policy-dialog.tsx';
import { SetupScreen } from './setup-screen.tsx';
import { StatusBar } from './status-bar.tsx';
import { TenantSelect } from './tenants/tenant-select.tsx';
import { TenantsDialog } from './tenants/tenants-dialog.tsx';
import { ExportDialog } from './transfer/export-dialog.tsx';
import { FileDrop } from './transfer/file-drop.tsx';
import { ImportDialog } from './transfer/import-dialog.tsx';
import { InterruptedImport } from './transfer/interrupted-import.tsx';
import { Transfer, useTransferState } from './transfer/transfer.tsx';

/** The window: asks what there is, then shows it. */
export function App() {
  const about = useQuery(trpc.app.about.queryOptions());
  const tenants = useQuery({
    ...trpc.tenants.list.queryOptions(),
    enabled: about.data?.setupNeeded === false,
    // Tenants come and go in other windows and by commands too, which the stream does not tell.
    refetchInterval: tenantsEveryMs,
    refetchOnWindowFocus: 'always',
  });
  const error = about.error ?? (tenants.data ? undefined : tenants.error);
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

const tenantsEveryMs = 15_000;

function Workspace({ about, tenants }: { about: About; tenants: readonly Tenant[] }) {
  const live = useLive();
  const fallback = tenants.find(({ sample }) => sample)?.id ?? tenants[0]?.id ?? 'default';
  const [stored, setTenant] = useLocalStorage({ key: 'tandem.tenant', defaultValue: fallback });
  const tenant = tenants.some(({ id }) => id === stored) ? stored : fallback;
  const tenantName = tenants.find(({ id }) => id === tenant)?.name ?? tenant;
  useEffect(() => drafts.keepOnly(tenants.map(({ id }) => id)), [tenants]);
  const [list, setList] = useState<ListKind>('people');
  const [pane, setPane] = useState<Pane>('people');
  const [connecting, connect] = useDisclosure(false);
  /** To which tenant a client is being connected, and from which. */
  const [connected, setConnected] = useState<{ from: string; to: string }>();
  const [managing, manage] = useDisclosure(false);
  const [limiting, clients] = useDisclosure(false);
  const [learning, conflicts] = useDisclosure(false);
  const [playing, scenarios] = useDisclosure(false);
  const [auditing, audit] = useDisclosure(false);
  const [choosing, chooseMoment] = useDisclosure(false);
  const [ruling, policy] = useDisclosure(false);
  /** What is shown of how Tandem is doing. */
  const [activity, showActivity] = useState<ActivityTab>();
  const inbox = useInbox({ tenant, onTenant: setTenant });
  /** Where the past is shown: as of when. */
  const [moment, setMoment] = useState<string>();
  /** Whether the agent's pane lists the conversations. */
  const [isListing, listConversations] = useState(false);
  /** Which part of the agent's settings is open. */
  const [settings, setSettings] = useState<SettingsPart>();
  const [definesFields, extraFields] = useDisclosure(false);
  const { setColorScheme } = useMantineColorScheme();
  // What is on screen: until somebody chooses, it is what the system has.
  const colorScheme = useComputedColorScheme('light');
  const searches = { people: useRef<HTMLInputElement>(null), groups: useRef<HTMLInputElement>(null) };
  const agent = useRef<HTMLTextAreaElement>(null);
  /** On a narrow screen the pane must be there before it can have the focus. */
  const focusIn = (part: Pane, field: RefObject<HTMLElement | null>) => {
    flushSync(() => {
      setMoment(undefined);
      setPane(part);
    });
    field.current?.focus();
  };
  const screens = useScreens(tenant, (opened) => {
    // Whoever opens or makes something is back in the present.
    if (opened) setMoment(undefined);
    setPane(opened ? 'person' : 'people');
  });
  const { opened, openPerson, openGroup } = screens;
  const openRecord = screens.open;
  const showList = (kind: ListKind) => {
    setMoment(undefined);
    setList(kind);
    setPane('people');
  };
  const openId = opened?.kind === 'person' ? opened.id : undefined;
  const transfer = useTransferState();
  const listed = list === 'groups' ? 'groups' : 'users';
  const openImport = (file?: File) => transfer.actions.openImport({ kind: listed, ...(file && { file }) });
  const listName = list === 'groups' ? 'Groups' : 'People';
  const screenName = (opened ? opened.kind === 'group' : list === 'groups') ? 'Group' : 'Person';
  const commands: Command[] = [
    { id: 'search', label: `Search ${list}`, keys: 'mod+F', run: () => focusIn('people', searches[list]) },
    { id: 'new-person', label: 'New person', keys: 'alt+N', run: () => openPerson('new') },
    { id: 'new-group', label: 'New group', keys: 'alt+G', run: () => (showList('groups'), openGroup('new')) },
    { id: 'people', label: 'List of people', keys: 'alt+1', run: () => showList('people') },
    { id: 'groups', label: 'List of groups', keys: 'alt+2', run: () => showList('groups') },
    { id: 'import', label: 'Import …', run: () => openImport() },
    { id: 'export', label: 'Export …', run: () => transfer.actions.openExport({ kind: listed }) },
    { id: 'agent', label: 'Ask the agent', keys: 'mod+J', run: () => focusIn('agent', agent) },
    {
      id: 'new-conversation',
      label: 'New conversation with the agent',
      keys: 'alt+J',
      run: () => {
        listConversations(false);
        openConversation(tenant);
        focusIn('agent', agent);
      },
    },
    {
      id: 'conversations',
      label: 'Conversations with the agent',
      keys: 'alt+3',
      run: () => {
        setMoment(undefined);
        setPane('agent');
        listConversations(true);
      },
    },
    { id: 'models', label: 'Models that answer', run: () => setSettings('models') },
    { id: 'mcp-servers', label: 'Other MCP servers of the agent', run: () => setSettings('servers') },
    { id: 'permissions', label: 'Permissions of the agent', run: () => setSettings('permissions') },
    { id: 'security', label: 'Security and limits', run: () => setSettings('security') },
    { id: 'commands', label: 'All commands', keys: 'mod+K', run: openSpotlight },
    { id: 'connect', label: 'Connect an AI client', run: connect.open },
    { id: 'clients', label: 'Clients and access keys', run: clients.open },
    { id: 'theme', label: 'Switch between light and dark', run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark') },
    { id: 'past', label: 'See the directory as it was', run: chooseMoment.open },
    ...(moment === undefined ? [] : [{ id: 'now', label: 'Back to now', run: () => setMoment(undefined) }]),
    { id: 'conflicts', label: 'Conflicts', run: conflicts.open },
    { id: 'audit', label: 'Audit log', run: audit.open },
    { id: 'activity', label: 'Activity: how Tandem is doing', run: () => showActivity('activity') },
    { id: 'log', label: 'Log: what Tandem has noted', run: () => showActivity('log') },
    { id: 'scenarios', label: 'Scenarios: watch agents and people at work', run: scenarios.open },
    { id: 'inbox', label: 'Inbox: what waits for you', keys: 'alt+I', run: () => inbox.open() },
    { id: 'policy', label: 'Policy: what agents may do', run: policy.open },
    { id: 'tenants', label: 'Manage tenants', run: manage.open },
    { id: 'extra-fields', label: 'Extra fields of people and groups', run: extraFields.open },
    ...tenants
      .filter(({ id }) => id !== tenant)
      .map(({ id, name }) => ({ id: `tenant ${id}`, label: `Go to ${name}`, run: () => setTenant(id) })),
  ];
  useHotkeys(
    commands.flatMap(({ keys, run }) => (keys === undefined ? [] : [[keys, run] as [string, () => void]])),
    [],
  );
  useHotkeys([['/', () => focusIn('people', searches[list])]]);
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
  const tools: HeaderTool[] = [
    { label: 'See the directory as it was', icon: IconHistory, run: chooseMoment.open },
    { label: 'Conflicts', icon: IconChartBar, run: conflicts.open },
    { label: 'Audit log', icon: IconListSearch, run: audit.open },
    { label: 'Activity', icon: IconActivity, run: () => showActivity('activity') },
    { label: 'Scenarios', icon: IconTimelineEvent, run: scenarios.open },
    { label: 'All commands', keys: 'mod+K', icon: IconCommand, run: openSpotlight },
    {
      label: colorScheme === 'dark' ? 'Use light colours' : 'Use dark colours',
      icon: colorScheme === 'dark' ? IconSun : IconMoon,
      run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark'),
    },
  ];
  return (
    <div className="app">
      {!inbox.opened && <Approvals tenants={tenants} tenant={connected?.from === tenant ? connected.to : tenant} />}
      <header>
        <Group px="md" py={8} gap="sm" wrap="nowrap" style={{ borderBottom: '1px solid var(--mantine-color-default-border)' }}>
          <Brand />
          <TenantSelect tenants={tenants} tenant={tenant} onSwitch={setTenant} onManage={manage.open} />
          <Group gap={4} ml="auto" wrap="nowrap">
            <InboxButton total={inbox.waiting.total} onOpen={() => inbox.open()} />
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
            <HeaderTools tools={tools} />
          </Group>
        </Group>
        <AlarmBanner onOpen={() => showActivity('activity')} />
        <SegmentedControl
          className="narrow-tabs"
          hidden={moment !== undefined}
          fullWidth
          mx="xs"
          mt="xs"
          aria-label="Part of the window"
          value={pane}
          onChange={(value) => setPane(value)}
          data={[
            { value: 'people', label: listName },
            { value: 'person', label: screenName },
            { value: 'agent', label: 'Agent' },
          ]}
        />
      </header>
      {moment !== undefined && (
        <PastView
          key={tenant}
          tenant={tenant}
          tenantName={tenants.find(({ id }) => id === tenant)?.name ?? tenant}
          moment={moment}
          onMoment={setMoment}
          onBack={() => setMoment(undefined)}
        />
      )}
      {/* Kept while the past is shown: drafts, searches and places are there when one comes back. */}
      <div className="panes" hidden={moment !== undefined}>
        <Transfer value={transfer.actions}>
          <section className="pane pane-side" aria-label={listName} data-shown={pane === 'people'}>
            <ListSwitch tenant={tenant} value={list} onChange={setList} />
            <Activity mode={list === 'people' ? 'visible' : 'hidden'}>
              <PeoplePane
                key={tenant}
                tenant={tenant}
                openId={openId}
                onOpen={openPerson}
                onNew={() => openPerson('new')}
                searchRef={searches.people}
              />
            </Activity>
            <Activity mode={list === 'groups' ? 'visible' : 'hidden'}>
              <GroupsPane
                key={tenant}
                tenant={tenant}
                openId={opened?.kind === 'group' ? opened.id : undefined}
                onOpen={openGroup}
                onNew={() => openGroup('new')}
                searchRef={searches.groups}
              />
            </Activity>
          </section>
        </Transfer>
        <main className="pane" aria-label={screenName} data-shown={pane === 'person'}>
          <Screens tenant={tenant} list={list} screens={screens} />
        </main>
        <aside className="pane pane-side" aria-label="Agent" data-shown={pane === 'agent'}>
          <AgentPane
            key={tenant}
            tenant={tenant}
            openId={openId === 'new' ? undefined : openId}
            onOpen={openRecord}
            onModels={() => setSettings('models')}
            inputRef={agent}
            isListing={isListing}
            onListing={listConversations}
          />
        </aside>
      </div>
      <StatusBar live={live} mcpUrl={about.mcpUrl} />
      <MomentDialog opened={choosing} onChoose={setMoment} onClose={chooseMoment.close} />
      <ConflictsDialog
        opened={learning}
        tenant={tenant}
        tenantName={tenants.find(({ id }) => id === tenant)?.name ?? tenant}
        onShow={(subject) => {
          setMoment(undefined);
          openRecord(subject);
        }}
        onClose={conflicts.close}
      />
      <AuditDialog
        opened={auditing}
        tenant={tenant}
        tenantName={tenants.find(({ id }) => id === tenant)?.name ?? tenant}
        onShow={({ kind, id }) => {
          setMoment(undefined);
          if (kind === 'person') openPerson(id);
          else openGroup(id);
        }}
        onClose={audit.close}
      />
      <ActivityDialog tab={activity} tenants={tenants} onTab={showActivity} onClose={() => showActivity(undefined)} />
      <InboxDialog
        inbox={inbox}
        tenants={tenants}
        tenant={tenant}
        onTenant={setTenant}
        onShow={({ kind, id }) => (kind === 'person' ? openPerson(id) : openGroup(id))}
        onPolicy={policy.open}
      />
      <PolicyDialog
        opened={ruling}
        tenant={tenant}
        tenantName={tenants.find(({ id }) => id === tenant)?.name ?? tenant}
        onClose={policy.close}
      />
      <TenantsDialog
        opened={managing}
        tenant={tenant}
        onSwitch={setTenant}
        onExtraFields={extraFields.open}
        onPolicy={policy.open}
        onClose={manage.close}
      />
      <ExtraFieldsDialog
        key={`extra fields ${tenant}`}
        tenant={tenant}
        name={tenantName}
        opened={definesFields}
        onClose={extraFields.close}
        onOpen={openRecord}
      />
      <ImportDialog
        key={tenant}
        tenant={tenant}
        name={tenantName}
        request={transfer.importing}
        onReopen={() => openImport()}
        onClose={transfer.closeImport}
        onOpen={(kind, id) => (kind === 'group' ? openGroup(id) : openPerson(id))}
      />
      <ExportDialog tenant={tenant} name={tenantName} request={transfer.exporting} onClose={transfer.closeExport} />
      <InterruptedImport tenant={tenant} onLook={() => openImport()} />
      <FileDrop onFile={openImport} />
      <SettingsDialog tenant={tenant} tenantName={tenantName} part={settings} onPart={setSettings} />
      <ScenariosDialog opened={playing} onSwitch={setTenant} onClose={scenarios.close} />
      <ClientsDialog opened={limiting} tenants={tenants} tenant={tenant} onConnect={connect.open} onClose={clients.close} />
      <ConnectDialog
        about={about}
        tenants={tenants}
        tenant={tenant}
        opened={connecting}
        onTenant={(to) => setConnected({ from: tenant, to })}
        onClose={connect.close}
      />
      <Palette commands={commands} />
    </div>
  );
}
