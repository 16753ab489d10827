/** What Tandem tells about itself: the log. Metrics and the health of parts come through here too. */
export { createLog, type Log } from './log.ts';
