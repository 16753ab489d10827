import { stringify } from 'csv-stringify/sync';
import { guardCell } from '../directory/index.ts';
import type { Problem } from './row.ts';

const rowsAtOnce = 500;

/** Writes problems as CSV for a spreadsheet, a piece at a time. */
export async function* problemsCsv(problems: AsyncIterable<Problem>): AsyncGenerator<string> {
  let rows: string[][] = [['Line', 'Name', 'Kind', 'Attribute', 'Problem']];
  const text = () => stringify(rows, { record_delimiter: 'windows' });
  for await (const { line, name = '', kind, path = '', message } of problems) {
    rows.push([String(line), name, kind, path, message].map(guardCell));
    if (rows.length < rowsAtOnce) continue;
    yield text();
    rows = [];
  }
  if (rows.length > 0) yield text();
}
