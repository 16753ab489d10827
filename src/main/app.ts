import { setTimeout as sleep } from 'node:timers/promises';
import type { WindowServices } from '../api/index.ts';
import { createAuth, mockClientId, noticePage, signInParameter, type Auth, type AuthOptions } from '../auth/index.ts';
import { createLoginRoutes, Demo, DemoError } from '../demo/index.ts';
import { addSampleCompany, Directory, DirectoryError, type Actor } from '../directory/index.ts';
import { EventStreams } from '../events/index.ts';
import { createMcpDoor, type ServerExtension } from '../mcp/index.ts';
import { exportMetrics, exportTraces, openJournal } from '../observe/host.ts';
import type { Log } from '../observe/index.ts';
import { Scenarios } from '../scenarios/index.ts';
import { createScimDoor } from '../scim/index.ts';
import { exportPieces, ImportJobs } from '../transfer/index.ts';
import { openAgentSettings } from './agent-settings.ts';
import { Connect } from './connect/index.ts';
import { registerWithConsul } from './consul.ts';
import { askHost, controlHandlers, controlRoutes, createControlKey } from './control.ts';
import { codeOf, FolderInUse, StartError, takeDataFolder, type DataFolder } from './data-folder.ts';
import { scenarioRoute } from './scenario-control.ts';
import { createScenarioGrounds } from './scenario-grounds.ts';
import { serveHttp } from './http.ts';
import { createLimits } from './limits.ts';
import { alarmRulesOf } from './alarm-settings.ts';
import { securityServices } from './security-services.ts';
import { listen } from './listen.ts';
import { Observation } from './observation.ts';
import { homedir } from 'node:os';
import { stdioCommand, version } from './paths.ts';
import { openContexts } from './open-contexts.ts';
import { openSettings, type Settings } from './settings.ts';
import { auditRoutes } from './audit-control.ts';
import { exportRoute } from './transfer-control.ts';
import { traceWrites } from './trace-writes.ts';
import { createWindowDoor } from './window-door.ts';

/** Where the app is reached. All but `port`, `data` and `signInCode` are addresses. */
export interface Endpoints {
  port: number;
  mcp: string;
  scim: string;
  issuer: string;
  api: string;
  health: string;
  /** The data folder. */
  data: string;
  /** The code with which the administrator signs in to a consent page in a browser. */
  signInCode: string;
}

export interface App {
  endpoints: Endpoints;
  services: WindowServices;
  settings: Settings;
  accessKeys: Auth['keys'];
  /** A new address that opens the window in a browser, once. @throws StartError if there is no window over HTTP. */
  openAddress(): string;
  /** Ends everything that was started: finishes writes, closes connections, frees the data folder. */
  close(): Promise<void>;
}

export interface AppOptions {
  /** The data folder; it is created if absent. */
  dataDir: string;
  /** 0 for any free port; absent for the remembered one. */
  port?: number | undefined;
  shell: 'electron' | 'browser';
  /** Of the shell; what the host logs goes into the data folder's files too. */
  log: Log;
  /** How long closing waits for what is being answered, in milliseconds. */
  drainMs?: number | undefined;
  /** The built renderer's folder, if the window is served over HTTP. */
  windowFiles?: string | undefined;
  /** Begin an empty directory with the sample company, without asking. */
  sample?: boolean | undefined;
  /**
   * For a host that only stands in until the app is started: gives the data folder up when another host asks for it.
   * Every other host asks such a stand-in to go, and is refused a folder that a full host holds.
   */
  onHandOver?: (() => Promise<void>) | undefined;
  /** Where the person's programs keep their configuration, if not in the home folder of this process. */
  home?: string | undefined;
  /** How documents of clients are fetched; absent, from the public internet only. */
  outside?: AuthOptions['outside'] | undefined;
  /** More on each MCP server, for the fixtures of the conformance suite. */
  mcpExtension?: ServerExtension | undefined;
}

const takeOverMs = 15_000;
/** Who closes a desktop app wants it gone; a container is killed ten seconds after it was told to end. */
const drainMs = { electron: 1000, browser: 7000 };

/**
 * Puts the rooms together and starts them.
 * @throws StartError if the data folder is in use or unusable, or the port is busy; then nothing stays started.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { dataDir } = options;
  let { log } = options;
  let isClosing = false;
  const started: (() => Promise<unknown> | void)[] = [];
  const close = once(async () => {
    isClosing = true;
    for (const end of started.toReversed())
      try {
        await end();
      } catch (error) {
        log.error({ err: error }, 'something did not close');
      }
  });
  try {
    const folder = takeDataFolder(dataDir) ?? (options.onHandOver ? undefined : await takeOver(dataDir));
    if (!folder) throw new FolderInUse(dataDir);
    started.push(() => folder.release());
    const journal = openJournal(log, folder.file('logs'));
    started.push(() => journal.close());
    ({ log } = journal);
    const settings = await openSettings(folder.file('settings.json'));
    started.push(() => settings.close());
    const useSettings = () => {
      journal.setLevel(settings.data.log?.level);
      if (settings.problem !== undefined) log.error({ part: 'settings' }, settings.problem);
    };
    useSettings();
    settings.onChange(useSettings);
    const { server, port } = await listen(
      options.port,
      (count) => log.warn({ part: 'http', count }, 'connections that asked nothing were ended to make room for others'),
      settings.data.port,
    );
    started.push(() => server.close().closeAllConnections());
    const origin = `http://127.0.0.1:${port}`;

    let observation: Observation | undefined;
    const directory = await openDirectory(folder.file('directory.db'));
    started.push(() => directory.close());
    const traces = await exportTraces({ version, log: log.child({ part: 'telemetry' }) });
    if (traces) {
      started.push(() => traces.close());
      traceWrites(directory);
    }
    const imports = await ImportJobs.open({ directory, folder: folder.file('imports'), log: log.child({ part: 'imports' }) });
    started.push(() => imports.close());
    const demo = openDemo(folder.file('demo.db'), directory);
    started.push(() => demo.close());
    const auth = await createAuth({
      directory,
      dataDir,
      origin,
      log: log.child({ part: 'auth' }),
      mockSignIns: {
        againUrl: '/demo/login/again',
        waiting(id) {
          const { state, owner } = demo.room.signIns.get(id) ?? {};
          return state === 'waiting' && owner ? { tenant: owner.tenant, askedBy: owner.name } : undefined;
        },
      },
      secretStorage: secretStorage(),
      ...(options.outside && { outside: options.outside }),
      settings: {
        demoSignIn: () => settings.data.authorization?.demoSignIn !== false,
        metadataDocuments: () => settings.data.authorization?.metadataDocuments === true,
      },
    });
    started.push(() => auth.close());
    const eventStreams = await openEventStreams(directory, auth, origin, log);
    started.push(() => eventStreams.close());
    const limits = createLimits({ settings, auth, directory, refused: (limit, tenant) => observation?.limited(limit, tenant) });
    const connect = new Connect({
      reach: { mcpUrl: `${origin}/mcp`, stdio: stdioCommand(dataDir), platform: process.platform },
      folders: {
        home: options.home ?? homedir(),
        platform: process.platform,
        ...(options.home === undefined && { appData: process.env['APPDATA'], configHome: process.env['XDG_CONFIG_HOME'] }),
      },
      searchPath: process.env['PATH'] ?? '',
      auth,
    });
    started.push(() => connect.close());
    const mcp = createMcpDoor({
      directory,
      demo: demo.room,
      userAuth: auth.userAuth,
      sealing: auth.sealing,
      toolsets: {
        settings: () => settings.data.toolsets ?? {},
        ofClient: (id) => auth.clients.toolsetsOf(id),
        onChange(listener) {
          const ends = [auth.clients.onChange(listener), settings.onChange(listener)];
          return () => ends.forEach((end) => end());
        },
      },
      origin,
      version,
      log: log.child({ part: 'mcp' }),
      authenticate: (token) => auth.authenticate(token),
      access: auth.access,
      admit: limits.admit,
      extension: options.mcpExtension,
      meter: (call) => observation?.toolCall(call),
      seen: (request) => connect.seen(request),
    });
    started.push(() => mcp.close());
    const scim = createScimDoor({
      directory,
      origin,
      version,
      log: log.child({ part: 'scim' }),
      authenticate: (token) => auth.authenticate(token),
      access: auth.access,
      admit: limits.admit,
      events: eventStreams,
    });
    started.push(() => scim.close());
    const agentSettings = openAgentSettings(settings, auth);
    const { contexts, ...conversations } = await openContexts(folder.file('assistant.db'), {
      directory,
      auth,
      agentSettings,
      // With the tools of the demonstration, which are off at /mcp.
      mcpUrl: `${origin}/mcp/x/all`,
      origin,
      version,
      settings: settings.data,
      admit: limits.admit,
      log: log.child({ part: 'assistant' }),
      meter: {
        task: (task) => observation?.task(task),
        taskRetried: (task) => observation?.taskRetried(task),
        modelCall: (call) => observation?.modelCall(call),
      },
    });
    started.push(() => conversations.close());

    const scenarios = new Scenarios(
      await createScenarioGrounds({
        directory,
        keys: auth.keys,
        settings,
        // They compare versions, which is not among the tools at /mcp.
        url: `${origin}/mcp/x/all`,
        log: log.child({ part: 'scenarios' }),
      }),
    );

    let isOpen = false;
    const watching = new Observation({
      directory,
      auth,
      eventStreams,
      contexts,
      mcp,
      administrator,
      path: folder.file('activity.jsonl'),
      dataDir,
      version,
      alarmRules: () => alarmRulesOf(settings.data.alarms),
      settingsProblem: () => settings.problem,
      isOpen: () => isOpen,
      isClosing: () => isClosing,
      log: log.child({ part: 'observe' }),
    });
    observation = watching;
    settings.onChange(() => void watching.check());
    started.push(() => watching.close());

    const endpoints: Endpoints = {
      port,
      mcp: `${origin}/mcp`,
      scim: `${origin}/scim/v2`,
      issuer: origin,
      api: `${origin}/trpc`,
      health: `${origin}/health`,
      data: dataDir,
      signInCode: auth.signInCode,
    };
    let setupNeeded = settings.data.setup === undefined && (await directory.latestRevision()) === 0;
    const services: WindowServices = {
      directory,
      administrator,
      approvals: auth.approvals,
      clients: auth.clients,
      accessKeys: auth.keys,
      signingKeys: auth.signingKeys,
      authorization: {
        read: () => settings.data.authorization ?? {},
        update: (change) => settings.update({ authorization: { ...settings.data.authorization, ...change } }),
      },
      assistant: contexts,
      agentSettings,
      imports,
      scenarios,
      eventStreams,
      connect,
      demo: demo.room,
      exportPieces: (actor, what) => exportPieces(directory, actor, what),
      about: () => ({
        version,
        shell: options.shell,
        mcpUrl: endpoints.mcp,
        dataDir,
        keychain: { place: auth.secrets.place, detail: auth.secrets.detail },
        signInCode: auth.signInCode,
      }),
      setup: {
        isNeeded: () => setupNeeded,
        async choose(kind) {
          if (kind === 'sample') await addSampleCompany(directory);
          await settings.update({ setup: kind });
          setupNeeded = false;
        },
      },
      preferences: settings,
      observe: {
        activity: (minutes, tenant) => watching.activity.report(minutes, tenant),
        now: (tenant) => watching.now(tenant),
        health: () => watching.health.read(),
        alarms: () => watching.alarms(),
        log: journal.list,
        logFolder: journal.folder,
      },
      security: securityServices(settings, folder.file('settings.json')),
      log: log.child({ part: 'window' }),
    };
    if (options.sample && setupNeeded) await services.setup.choose('sample');

    const door = options.windowFiles && createWindowDoor({ origin, files: options.windowFiles, services });
    const openAddress = () => {
      if (!door) throw new StartError('This Tandem has a window of its own and opens none in a browser.');
      return door.openAddress();
    };
    const controlKey = createControlKey();
    const http = await serveHttp({
      server,
      origin,
      log,
      security: () => settings.data.security ?? {},
      meter: (request, call) => watching.request(request, call),
      routes: {
        health: watching.routes,
        mcp: mcp.routes,
        scim: scim.routes,
        contexts: conversations.routes,
        auth: auth.routes,
        demo: createLoginRoutes({
          origin,
          client: { id: mockClientId, parameter: signInParameter },
          signIns: demo.room.signIns,
          sealing: auth.sealing,
          page: noticePage,
          log: log.child({ part: 'demo' }),
        }),
        control: controlRoutes(
          controlKey,
          controlHandlers({
            keys: auth.keys,
            auth,
            directory,
            imports,
            eventStreams,
            mcp: endpoints.mcp,
            openAddress,
            handOver: options.onHandOver,
          }),
          [exportRoute(directory), auditRoutes(directory), scenarioRoute(scenarios)],
        ),
        window: door ? door.routes : undefined,
      },
    });
    isOpen = true;
    // Streams of a window or of an AI client have no end of their own, and would keep the server from closing.
    started.push(async () => {
      server.closeAllConnections();
      await http.close();
    });
    started.push(async () => {
      const unanswered = await http.drain(options.drainMs ?? drainMs[options.shell]);
      if (unanswered > 0) log.warn({ unanswered }, 'requests were cut off, since they took too long to wait for at the end');
    });
    // End first, since they are clients of all the rest.
    started.push(() => contexts.close());
    started.push(() => scenarios.close());
    // A port that was asked for once, or was free by chance, is not what clients should find next time.
    if (options.port === undefined && settings.data.port === undefined) await settings.update({ port });
    await eventStreams.start();
    await contexts.start();
    folder.announce({ origin, controlKey, pid: process.pid });
    log.info({ ...endpoints, signInCode: undefined }, 'Tandem is ready');
    const consul = options.onHandOver
      ? undefined
      : registerWithConsul({ settings: settings.data.consul, port, version, log: log.child({ part: 'consul' }) });
    if (consul) started.push(() => consul.close());
    const exporter = await exportMetrics(watching.metrics, { version, log: log.child({ part: 'telemetry' }) });
    if (exporter) started.push(() => exporter.close());
    void watching.check();
    return { endpoints, services, settings, accessKeys: auth.keys, openAddress, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Asks a host that stands in for this one to go, and every other that takes its place before this one could.
 * @returns the folder, once it is free; undefined if a full host holds it.
 */
async function takeOver(dataDir: string): Promise<DataFolder | undefined> {
  let { handedOver } = await askHost(dataDir, 'hand-over', {});
  for (const until = Date.now() + takeOverMs; handedOver && Date.now() < until;) {
    for (let attempt = 0; attempt < 50; attempt++) {
      const folder = takeDataFolder(dataDir);
      if (folder) return folder;
      await sleep(20);
    }
    // One that is just going, or coming, does not answer.
    ({ handedOver } = await askHost(dataDir, 'hand-over', {}).catch(() => ({ handedOver: true })));
  }
  return undefined;
}

/** TANDEM_SECRETS=file keeps secrets out of the keychain, for tests and for machines without a person. */
export function secretStorage(): 'auto' | 'file' {
  return process.env['TANDEM_SECRETS'] === 'file' ? 'file' : 'auto';
}

async function openDirectory(path: string): Promise<Directory> {
  try {
    return await Directory.open(path);
  } catch (error) {
    const reason = error instanceof DirectoryError ? error.message : `it cannot be read (${codeOf(error)}).`;
    throw new StartError(`Cannot open the directory ${path}: ${reason}`, { cause: error });
  }
}

/** The demonstration's tickets and appointments; those of a tenant go with it. */
function openDemo(path: string, { tenants }: Directory): { room: Demo; close: () => void } {
  let room: Demo;
  try {
    room = Demo.open(path);
  } catch (error) {
    throw error instanceof DemoError ? new StartError(error.message, { cause: error }) : error;
  }
  const forgetGone = () => room.forgetTenantsBut(tenants.list().map(({ id }) => id));
  forgetGone();
  const stopForgetting = tenants.onDelete(forgetGone);
  return {
    room,
    close() {
      stopForgetting();
      room.close();
    },
  };
}

/** Change events, signed and kept secret by the authorization server. None is pushed before `start`. */
export async function openEventStreams(directory: Directory, auth: Auth, issuer: string, log: Log): Promise<EventStreams> {
  const { sealing } = auth;
  const sign = (claims: Record<string, unknown>, type: string) => auth.sign(claims, type);
  return EventStreams.open({ directory, issuer, sign, sealing, log: log.child({ part: 'events' }) });
}

/** The person at the window. Whoever can open it may do everything there, in each tenant. */
function administrator(tenant: string): Actor {
  return {
    id: 'administrator',
    name: 'Administrator',
    kind: 'person',
    door: 'window',
    tenant,
    scopes: ['scim:admin'],
  };
}

function once<T>(action: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= action());
}
