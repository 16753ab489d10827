/** The door for the window: one typed tRPC router. The window imports its types and nothing else. */
import { agentSettings } from './agent-settings.ts';
import { app } from './app.ts';
import { approvals } from './approvals.ts';
import { assistant } from './assistant.ts';
import { audit } from './audit.ts';
import { clients } from './clients.ts';
import { connect } from './connect.ts';
import { columns } from './columns.ts';
import { demo } from './demo.ts';
import { escalations } from './escalations.ts';
import { conflicts } from './conflicts.ts';
import { eventStreams } from './event-streams.ts';
import { events } from './events.ts';
import { extensions } from './extensions.ts';
import { groups } from './groups.ts';
import { history } from './history.ts';
import { observe } from './observe.ts';
import { people } from './people.ts';
import { policy } from './policy.ts';
import { presence } from './presence.ts';
import { savedFilters } from './saved-filters.ts';
import { scenarios } from './scenarios.ts';
import { security } from './security.ts';
import { tenants } from './tenants.ts';
import { transfer } from './transfer.ts';
import { router } from './trpc.ts';

export const windowRouter = router({
  app,
  tenants,
  people,
  presence,
  conflicts,
  savedFilters,
  columns,
  groups,
  extensions,
  history,
  transfer,
  eventStreams,
  approvals,
  clients,
  connect,
  policy,
  escalations,
  audit,
  demo,
  assistant,
  agentSettings,
  scenarios,
  observe,
  security,
  events,
});
export type WindowRouter = typeof windowRouter;

export type { ApprovalRequest, ConnectedClient } from '../auth/index.ts';
export type {
  AssistantEvent,
  ConnectionTest,
  Context,
  ContextNode,
  McpServer,
  McpServerInput,
  Model,
  ModelEndpoint,
  ModelEndpointInput,
  Permission,
  Question,
  RunPlan,
  Task,
  ToolCall,
} from '../assistant/index.ts';
export type {
  ClientFile,
  ClientGuide,
  ClientKind,
  ClientStatus,
  ConnectChoice,
  ConnectService,
  ConnectText,
  DiffLine,
  FileOutcome,
  FilePreview,
  TestStep,
} from './connect-service.ts';
export type { OpenedContext } from './assistant.ts';
export type { Appointment, Ticket } from '../demo/index.ts';
export type { EventStreamStatus } from '../events/index.ts';
export type { AuditFormat, AuditProgress, AuditVerdict, DryRun, DryRunChange } from '../directory/index.ts';
export type { ShownConflict } from './conflicts.ts';
export type { ListedEscalation, ShownEscalation } from './escalations.ts';
export type { WindowEvent } from './events.ts';
export type { ShownExtension } from './extensions.ts';
export type { ShownGroup } from './groups.ts';
export type { HistoryEntry, PastResource } from './history.ts';
export type { BulkOutcome, Person } from './people.ts';
export type { About, SavedFilter, SecurityChange, SecurityServices, SecurityView, Setup, WindowServices } from './services.ts';
export type { ExportPiece, Inspection, Job, JobState, Mapping, Plan, PlannedRow, Problem } from '../transfer/index.ts';
export type {
  EventKind,
  FiguresRow,
  LaneInfo,
  RunSnapshot,
  RunUpdate,
  ScenarioEvent,
  ScenarioInfo,
  ScenarioResult,
  Speed,
} from '../scenarios/index.ts';
export type {
  ActivityPoint,
  ActivityReport,
  ActivityRow,
  Alarm,
  Now,
  Health,
  LogLine,
  ModelRow,
  TaskRow,
} from '../observe/host.ts';
export type { AssistantFault, Refusal } from './trpc.ts';
