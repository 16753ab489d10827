import type { AgentSettings, AssistantService } from '../assistant/index.ts';
import type { Auth } from '../auth/index.ts';
import type { Demo } from '../demo/index.ts';
import type { Actor, CallLimits, Directory, WholeCallLimits } from '../directory/index.ts';
import type { EventStreams } from '../events/index.ts';
import type { ActivityReport, Alarm, Health, Now, LogPage, LogQuery } from '../observe/host.ts';
import type { Log } from '../observe/index.ts';
import type { Scenarios } from '../scenarios/index.ts';
import type { ExportOptions, ExportPiece, ImportJobs } from '../transfer/index.ts';
import type { ConnectService } from './connect-service.ts';

/** Facts about the running app, for the window's first screen and its status line. */
export interface About {
  version: string;
  shell: 'electron' | 'browser';
  /** Address for AI clients, for example `http://127.0.0.1:4810/mcp`. */
  mcpUrl: string;
  dataDir: string;
  keychain: { place: 'keychain' | 'file'; detail: string };
  /** The code with which the administrator signs in to a consent page in a browser. */
  signInCode: string;
}

/** The first start's question: an empty directory, or the sample company. */
export interface Setup {
  isNeeded(): boolean;
  /** Keeps the choice; `sample` also makes the people. @throws DirectoryError UNAVAILABLE. */
  choose(kind: 'empty' | 'sample'): Promise<void>;
}

/** A filter that the administrator has given a name. */
export interface SavedFilter {
  id: string;
  tenant: string;
  name: string;
  /** SCIM filter. */
  filter: string;
}

/** How the administrator has set up the window; kept by the host, so that both shells have it. */
export interface Preferences {
  savedFilters?: SavedFilter[] | undefined;
  /** The columns of the table of people, as SCIM paths, by tenant. */
  columns?: Record<string, string[]> | undefined;
}

/** How people and clients may sign in. */
export interface AuthorizationSettings {
  /** In sample tenants, anybody as a person who has no password; on unless it is turned off. */
  demoSignIn?: boolean | undefined;
  /** Clients that name themselves by the address of a document, which is fetched; off unless it is turned on. */
  metadataDocuments?: boolean | undefined;
}

/** The settings of who may call and how much, of the log and of alarms; those that nobody has set are the defaults. */
export interface SecurityView {
  limits: Record<'keys' | 'clients' | 'tenants', WholeCallLimits>;
  /** What of them somebody has set. */
  set: Record<'keys' | 'clients' | 'tenants', CallLimits>;
  defaults: Record<'keys' | 'clients' | 'tenants', WholeCallLimits>;
  /** The header that carries an access key. */
  keyHeader: string;
  /** Web pages that may call. */
  pages: { enabled: boolean; origins: string[] };
  logLevel: string;
  alarms: Record<'failed_percent' | 'p95_ms' | 'writes_waiting' | 'disk_free_mb', number>;
  /** The file that has them. */
  path: string;
  /** What is wrong with the file as it was last edited on the disk. */
  problem?: string;
}

/** What changes of it; limits of a kind as a whole. */
export interface SecurityChange {
  keys?: CallLimits | undefined;
  clients?: CallLimits | undefined;
  tenants?: CallLimits | undefined;
  keyHeader?: string | undefined;
  pages?: { enabled: boolean; origins: string[] } | undefined;
  logLevel?: string | undefined;
  alarms?: Record<string, number> | undefined;
}

export interface SecurityServices {
  read(): SecurityView;
  /** Changes some of it, from the next call on. @throws DirectoryError INVALID_ARGUMENT, which names the setting; UNAVAILABLE. */
  update(change: SecurityChange): Promise<void>;
}

/** What Tandem tells about itself. */
export interface ObserveServices {
  /** @param minutes how far back, at most a day. @param tenant only its calls. */
  activity(minutes: number, tenant?: string): ActivityReport;
  now(tenant?: string): Now;
  health(): Promise<Health>;
  alarms(): readonly Alarm[];
  log(query: LogQuery): LogPage;
  /** Where the files of the log are. */
  logFolder: string;
}

/** What the window's door works with; the composition root (main/app.ts) gives it. */
export interface WindowServices {
  directory: Directory;
  /** The administrator at the window, acting in one tenant. */
  administrator(tenant: string): Actor;
  approvals: Auth['approvals'];
  clients: Auth['clients'];
  accessKeys: Auth['keys'];
  signingKeys: Auth['signingKeys'];
  authorization: {
    read(): AuthorizationSettings;
    /** Changes some of them, at once; they are on disk when it resolves. */
    update(change: AuthorizationSettings): Promise<void>;
  };
  assistant: AssistantService;
  /** The models, MCP servers and permissions that the person has set up for the agent. */
  agentSettings: AgentSettings;
  imports: ImportJobs;
  scenarios: Scenarios;
  eventStreams: EventStreams;
  connect: ConnectService;
  demo: Demo;
  /** The text of people or groups, in pieces. @throws DirectoryError FORBIDDEN, NOT_FOUND, INVALID_FILTER. */
  exportPieces(actor: Actor, what: ExportOptions): AsyncIterable<ExportPiece>;
  about(): About;
  setup: Setup;
  preferences: {
    readonly data: Readonly<Preferences>;
    /** Changes some of them; they are on disk when it resolves. */
    update(change: Preferences): Promise<void>;
  };
  observe: ObserveServices;
  security: SecurityServices;
  log: Log;
}
