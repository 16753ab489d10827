/** The agent in the window. It reaches people only through MCP, with a token like any other client. */
export type { Assistant, Choice, ConversationEvent, Message } from './conversation.ts';
export type { AgentSettings, ConnectionTest, McpServerInput, ModelEndpointInput } from './agent-settings.ts';
export type { McpServer, ModelEndpoint, Permission } from './agent-settings-data.ts';
export type { Answer, Context, ContextNode, Owner, Question, Task, ToolCall, Usage } from './context.ts';
export type { Model } from './run.ts';
export type { AssistantError, AssistantEvent, AssistantService } from './service.ts';
export { createAssistant, type AssistantOptions } from './create-assistant.ts';
