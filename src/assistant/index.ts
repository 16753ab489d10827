/** The agent in the window. It reaches people only through MCP, with a token like any other client. */
export type { AgentSettings, ConnectionTest, McpServerInput, ModelEndpointInput } from './agent-settings.ts';
export type { Assistant, Choice, Message } from './conversation.ts';
export { createAssistant } from './create-assistant.ts';
export type { McpServer, ModelEndpoint, Permission } from './agent-settings-data.ts';
export type { Access, Answer, Asker, Context, ContextNode, Owner, Priority, Question, Task, ToolCall } from './context.ts';
export { AssistantContexts, type AssistantContextsOptions } from './contexts/assistant-contexts.ts';
export type { Model } from './run.ts';
export { AssistantError, type AssistantEvent, type AssistantService } from './service.ts';
export { createSimpleRunner } from './simple-runner.ts';
