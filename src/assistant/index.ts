/** The agent in the window. It reaches people only through MCP, with a token like any other client. */
export type { Assistant, Choice, ConversationEvent, Message, Text, ToolCall } from './conversation.ts';
export { createAssistant, type AssistantOptions } from './create-assistant.ts';
