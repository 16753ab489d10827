/** PATCH of RFC 7644 §3.5.2: read and checked first, then applied. */
export { applyPatch } from './patch-apply.ts';
export { splitMemberOperations } from './patch-members.ts';
export { parsePatch } from './patch-parse.ts';
