/** A reason why the app cannot start or a command cannot run, in one line for a person. */
export class StartError extends Error {}
