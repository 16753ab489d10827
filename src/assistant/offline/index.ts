/** The model that is always there: rules that understand everyday requests, behind the interface of hosted models. */
export { askTool, createOfflineModel, withFocus } from './offline-model.ts';
export type { Focus } from './intent.ts';
export type { ToolResult } from './step.ts';
