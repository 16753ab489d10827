/** The door for provisioning clients and scripts: SCIM 2.0 over HTTP (RFC 7643, RFC 7644). */
export { createScimDoor, type ScimDoor, type ScimDoorOptions } from './door.ts';
export { errorBody } from './errors.ts';
export type { EventPolls } from './event-poll.ts';
export { mediaType } from './protocol.ts';
