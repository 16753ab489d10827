import { InvalidArgumentError, type Command } from 'commander';
import type { CallLimits } from '../directory/index.ts';

/** What the options give; absent where none was given. */
export interface LimitFlags {
  requestsPerMinute?: number;
  burst?: number;
  concurrent?: number;
  bodyBytes?: number;
  resultBytes?: number;
}

/** Adds the options that set limits of calls, the same ones wherever that can be done. */
export function withLimitOptions(command: Command): Command {
  return command
    .option('--requests-per-minute <n>', 'calls that come back in each minute', wholeNumber)
    .option('--burst <n>', 'calls that may come at once after a pause', wholeNumber)
    .option('--concurrent <n>', 'calls that may be under way at the same time', wholeNumber)
    .option('--body-bytes <n>', 'the largest body that is taken', wholeNumber)
    .option('--result-bytes <n>', 'the largest answer to a call that reads', wholeNumber);
}

/** @returns undefined if none was given. */
export function limitsFrom(flags: LimitFlags): CallLimits | undefined {
  const { requestsPerMinute, burst, concurrent, bodyBytes, resultBytes } = flags;
  const limits: CallLimits = {
    ...(requestsPerMinute !== undefined && { requests_per_minute: requestsPerMinute }),
    ...(burst !== undefined && { burst_size: burst }),
    ...(concurrent !== undefined && { concurrent_calls: concurrent }),
    ...(bodyBytes !== undefined && { body_bytes: bodyBytes }),
    ...(resultBytes !== undefined && { result_bytes: resultBytes }),
  };
  return Object.keys(limits).length > 0 ? limits : undefined;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1.');
  return Number(text);
}
