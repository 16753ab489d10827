import { Readable } from 'node:stream';
import { parse, type CsvError } from 'csv-parse';
import { unguardCell, type ResourceSchemas } from '../directory/index.ts';
import { parseColumn, type Target } from './columns.ts';
import { wishFromCells } from './csv-wish.ts';
import { FileError, unreadable, type Row } from './row.ts';
import { suggestMapping, type Mapping } from './suggest.ts';
import { recordCharactersMax } from './text.ts';

export interface CsvOptions {
  /** What columns are: a path, or `ignore`. Columns that it leaves out are told by their headers. */
  mapping?: Mapping | undefined;
  /** Whether an empty cell leaves the attribute as it is, or takes it away. */
  emptyCells?: 'keep' | 'clear' | undefined;
}

interface Line {
  line: number;
  cells: string[];
}

/**
 * Reads CSV with a line of headers; commas, semicolons or tabs, as the first line has them.
 * @throws FileError where the file has no headers, or the mapping names a column or a path that does not exist.
 */
export async function* readCsv(
  text: AsyncIterable<string>,
  schemas: ResourceSchemas,
  options: CsvOptions = {},
): AsyncGenerator<Row> {
  let targets: Target[] | undefined;
  for await (const found of csvLines(text)) {
    if ('problem' in found) yield found;
    else if (targets) yield toRow(found, targets, schemas, options);
    else targets = targetsOf(found.cells, schemas, options.mapping);
  }
  if (!targets) throw new FileError('The file is empty. Its first line must name the columns.');
}

const sampleRows = 50;
const samplesMax = 3;
const sampleLengthMax = 100;

/** Reads the headers of a CSV file, and the first different values of each column. @throws FileError where there are none. */
export async function readHead(text: AsyncIterable<string>): Promise<{ headers: string[]; samples: string[][] }> {
  let headers: string[] | undefined;
  const samples: Set<string>[] = [];
  let rows = 0;
  for await (const found of csvLines(text)) {
    if (!('cells' in found)) continue;
    if (!headers) {
      headers = found.cells.map(header);
      samples.push(...headers.map(() => new Set<string>()));
      continue;
    }
    for (const [column, cell] of found.cells.entries()) {
      const seen = samples[column];
      if (cell !== '' && seen && seen.size < samplesMax) seen.add(unguardCell(cell).slice(0, sampleLengthMax));
    }
    if (++rows === sampleRows) break;
  }
  if (!headers) throw new FileError('The file is empty. Its first line must name the columns.');
  return { headers, samples: samples.map((values) => [...values]) };
}

async function* csvLines(text: AsyncIterable<string>): AsyncGenerator<Line | Extract<Row, { problem: unknown }>> {
  const { head, all } = await peek(text);
  let broken: CsvError | undefined;
  const parser = parse({
    delimiter: delimiterOf(head),
    record_delimiter: /^[^\n]*\r(?!\n)/.test(head) && !head.includes('\n') ? ['\r'] : ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: recordCharactersMax,
    // An error would throw away the records that were read before it.
    skip_records_with_error: true,
    on_skip: (error) => void (broken ??= error),
  });
  const source = Readable.from(all);
  source.once('error', (error) => parser.destroy(error));
  let line = 1;
  try {
    for await (const cells of source.pipe(parser) as AsyncIterable<string[]>) {
      if (cells.some((cell) => cell !== '')) yield { line, cells };
      line += 1 + cells.reduce((sum, cell) => sum + lineEnds(cell), 0);
    }
  } finally {
    source.destroy();
  }
  if (broken) yield { line, problem: { line, kind: 'unreadable', message: brokenMessage(broken) } };
}

function brokenMessage({ code, message }: CsvError): string {
  if (code !== 'CSV_QUOTE_NOT_CLOSED') return message;
  return 'A quotation mark opens here and never closes; from here on nothing can be read.';
}

/** csv-parse counts a line end inside quotes twice where it is `\r\n`. */
function lineEnds(cell: string): number {
  let count = 0;
  for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) count++;
  return count;
}

const headMax = 65_536;

/** Reads ahead as far as the end of the first line. */
async function peek(text: AsyncIterable<string>): Promise<{ head: string; all: AsyncIterable<string> }> {
  const iterator = text[Symbol.asyncIterator]();
  let head = '';
  let isWhole = false;
  while (!isWhole && !head.includes('\n') && head.length < headMax) {
    const next = await iterator.next();
    if (next.done) isWhole = true;
    else head += next.value;
  }
  async function* all(): AsyncGenerator<string> {
    yield head;
    if (!isWhole) yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: head.slice(0, headMax), all: all() };
}

/** The one of comma, semicolon and tab that the headers are most often divided by. */
function delimiterOf(head: string): string {
  const plain = head.replaceAll(/"[^"]*"/g, '').split(/[\r\n]/, 1)[0] ?? '';
  const counted = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: plain.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

function header(cell: string): string {
  return unguardCell(cell).trim();
}

function targetsOf(cells: readonly string[], schemas: ResourceSchemas, given: Mapping = {}): Target[] {
  const headers = cells.map(header);
  const missing = Object.keys(given).find((column) => !headers.includes(column));
  if (missing !== undefined) throw new FileError(`The file has no column '${missing}'. It has: ${headers.join(', ')}.`);
  const named = headers.filter((name) => !Object.hasOwn(given, name));
  const { mapping } = suggestMapping(named, schemas);
  return headers.map((name): Target => {
    const path = Object.hasOwn(given, name) ? given[name] : mapping[name];
    if (path === undefined || path === 'ignore') return { kind: 'ignore' };
    const target = parseColumn(schemas, path);
    if (!target) throw new FileError(`The column '${name}' is given to '${path}', which is no attribute here.`);
    return target;
  });
}

function toRow({ line, cells }: Line, targets: readonly Target[], schemas: ResourceSchemas, options: CsvOptions): Row {
  if (cells.length > targets.length)
    return unreadable(line, `Has ${cells.length} cells, the headers ${targets.length}. Is a quotation mark missing?`);
  // Spreadsheets leave out empty cells at the end of a line.
  const texts = targets.map((_, index) => unguardCell(cells[index] ?? ''));
  const wish = wishFromCells(schemas, targets, texts, options.emptyCells ?? 'keep');
  return 'patch' in wish ? { line, wish } : unreadable(line, wish.message);
}
