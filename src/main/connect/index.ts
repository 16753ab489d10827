/** Connecting AI clients, on the host's side. */
export { Connect } from './connect.ts';
