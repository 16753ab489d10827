/** The agent in the window. It reaches people only through MCP, with a token like any other client. */
export { createRunner, type RunnerOptions } from './agent/create-runner.ts';
export { testServer } from './agent/connect-server.ts';
export {
  agentSettingsSchema,
  type AgentSettingsData,
  type McpServer,
  type ModelEndpoint,
  type Permission,
} from './agent-settings-data.ts';
export {
  createAgentSettings,
  type AgentSettings,
  type ConnectionTest,
  type McpServerInput,
  type ModelEndpointInput,
  type SecretStore,
} from './agent-settings.ts';
export { testEndpoint } from './models/endpoint-model.ts';
export type {
  Access,
  Answer,
  Asker,
  Context,
  ContextNode,
  Owner,
  Priority,
  Question,
  RunPlan,
  Task,
  ToolCall,
} from './context.ts';
export { AssistantContexts, type AssistantContextsOptions } from './contexts/assistant-contexts.ts';
export { createRestDoor } from './rest/door.ts';
export { Problem, problemBody, problemType } from './rest/problem.ts';
export { assistantLimits } from './limits.ts';
export type { Model } from './run.ts';
export { AssistantError, type AssistantEvent, type AssistantService } from './service.ts';
