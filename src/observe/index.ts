/** What Tandem tells about itself, as far as every room has a part in it. What only the host needs is in host.ts. */
export { abandoned, isAbandoned } from './abandoned.ts';
export type { AssistantMeter, MeteredModelCall, MeteredTask } from './assistant-meter.ts';
export { calledBy, currentCall, inCall, openEnded, type CallContext } from './call-context.ts';
export { admitAll, type Admit } from './limits.ts';
export { OperationFigures } from './operation-figures.ts';
export { createLog, logLevel, logLevels, type Log, type LogLevel } from './log.ts';
export { activeSpan, beginSpan, errorType, failSpan, inSpan, traced, traceHeaders, type TraceSpan } from './trace.ts';
export type { MeteredToolCall, ToolMeter } from './tool-meter.ts';
