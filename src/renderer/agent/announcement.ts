import { pendingOf, type Row } from './rows.ts';

const saidMax = 400;

/** What somebody who does not see the conversation is told of it now. Changes when something has happened, not with each word. */
export function announcementOf(rows: readonly Row[]): string {
  const asked = pendingOf(rows).at(-1);
  if (asked) return `The agent asks: ${asked.message}`;
  const end = rows.findLast((row) => row.kind === 'end');
  if (end && (end.task.status === 'running' || end.task.status === 'scheduled')) return 'The agent is working.';
  const last = rows.findLast((row) => row.kind === 'text' || row.kind === 'person' || row.kind === 'end');
  if (last?.kind === 'end' && last.task.status === 'failed') return `It failed: ${last.task.error?.message ?? ''}`;
  if (last?.kind === 'end' && last.task.status === 'cancelled') return 'Stopped.';
  const text = rows.findLast((row) => row.kind === 'text' || row.kind === 'person');
  return text?.kind === 'text' ? `The agent: ${text.node.content.slice(0, saidMax)}` : '';
}
