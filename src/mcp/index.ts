/** The door for AI clients: MCP over Streamable HTTP and stdio, for both protocol eras. */
export type { SeenRequest } from './caller.ts';
export { createMcpDoor, type McpDoor, type McpDoorOptions, type McpPrincipal, type ToolsetSource } from './door.ts';
export type { ServerExtension } from './server.ts';
export { bridgeStdio, type BridgeEnd } from './stdio.ts';
export { rpcCodes, rpcErrorOf } from './rpc-error.ts';
