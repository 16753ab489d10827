import type { Author } from './resource.ts';

/** Tandem itself, where nobody else did it. */
export const tandem: Author = { id: 'tandem', name: 'Tandem', kind: 'system', door: 'cli' };

/** The person who runs the `tandem` command. */
export const commandLine: Author = { id: 'command-line', name: 'Command line', kind: 'person', door: 'cli' };

/** What the agent in the window's pane is called; it is a client with an access key like any other. */
export const paneAgentName = "Tandem's agent";
