import type { ResourceSchemas } from '../directory/index.ts';
import { columnChoices } from './choices.ts';
import { readCsv, readHead, type CsvOptions } from './csv-read.ts';
import { guessFormat, guessKind } from './guess.ts';
import { readJson, readJsonLines } from './json-read.ts';
import { readLdif } from './ldif-read.ts';
import { FileError, formats, type Format, type Kind, type Row, type Source } from './row.ts';
import { suggestMapping, type Mapping } from './suggest.ts';
import { decode } from './text.ts';

/**
 * Reads a file's rows, a few at a time: each with its line and what it wants, or what is wrong with it.
 * @throws FileError where the file cannot be read at all.
 */
export function readRows(source: Source, format: Format, schemas: ResourceSchemas, options: CsvOptions = {}): AsyncIterable<Row> {
  const open = () => decode(source.open());
  switch (format) {
    case 'csv':
      return readCsv(open(), schemas, options);
    case 'json':
      return readJson(open(), schemas);
    case 'jsonl':
      return readJsonLines(open(), schemas);
    case 'ldif':
      return readLdif(open, schemas);
  }
}

/** @returns the format that a file's name says; undefined where it says none. */
export function formatOf(name: string): Format | undefined {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase();
  if (ending === 'ndjson') return 'jsonl';
  if (ending === 'tsv' || ending === 'txt') return 'csv';
  return formats.find((format) => format === ending);
}

/** What a file is made of, for who maps its columns. */
export interface Inspection {
  format: Format;
  /** What the beginning says that it is about; absent where it does not say. */
  looksLike?: Kind;
  /** Of CSV: the columns, what each most likely is, and those that nothing is known of. */
  headers?: string[];
  mapping?: Mapping;
  unmapped?: string[];
  /** Of CSV: the first values of each column, and every path that a column can be given. */
  samples?: string[][];
  choices?: string[];
}

/** Looks at the beginning of a file. @throws FileError. */
export async function inspect(source: Source, name: string, schemas: ResourceSchemas, given?: Format): Promise<Inspection> {
  const beginning = await beginningOf(source);
  const format = given ?? formatOf(name) ?? guessFormat(beginning);
  const csv = format === 'csv' ? await readHead(decode(source.open())) : undefined;
  const looksLike = guessKind(format, beginning, csv?.headers ?? []);
  const about = { format, ...(looksLike && { looksLike }) };
  return csv ? { ...about, ...csv, ...suggestMapping(csv.headers, schemas), choices: columnChoices(schemas) } : about;
}

async function beginningOf(source: Source): Promise<string> {
  for await (const text of decode(source.open())) return text;
  throw new FileError('The file is empty.');
}
