/**
 * Whether work ended since its caller had gone: nobody gets an answer then, and nothing is wrong with Tandem. What fails by itself
 * while its caller goes is still a fault.
 * @param response Node's, or what is known of it.
 */
export function isAbandoned(error: unknown, response: { destroyed: boolean }): boolean {
  if (!response.destroyed || !(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && connectionCodes.has(error.code));
}

const connectionCodes = new Set<unknown>(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

/** What the log says of it, on the level `info`. */
export const abandoned = 'the caller had gone before the answer';
