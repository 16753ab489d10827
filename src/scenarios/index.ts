/** Demonstrations of agents and people at work on one directory. They reach it only as MCP clients, and as the person at the window. */
export {
  speeds,
  type EventKind,
  type FiguresRow,
  type LaneInfo,
  type LostUpdate,
  type RunSnapshot,
  type RunUpdate,
  type ScenarioEvent,
  type ScenarioResult,
  type Speed,
  type Subject,
} from './event.ts';
export type { OpenQuestion, Person, Saved } from './person-lane.ts';
export type { Scenario } from './scenario.ts';
export { allScenarios, infoOf, Scenarios, type Grounds, type ScenarioInfo } from './scenarios.ts';
