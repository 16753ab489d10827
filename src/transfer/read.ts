import type { ResourceSchemas } from '../directory/index.ts';
import { readCsv, readHeaders, type CsvOptions } from './csv-read.ts';
import { readJson, readJsonLines } from './json-read.ts';
import { readLdif } from './ldif-read.ts';
import { FileError, formats, type Format, type Row, type Source } from './row.ts';
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
  /** Of CSV: the columns, what each most likely is, and those that nothing is known of. */
  headers?: string[];
  mapping?: Mapping;
  unmapped?: string[];
}

/** Looks at the beginning of a file. @throws FileError. */
export async function inspect(source: Source, name: string, schemas: ResourceSchemas, given?: Format): Promise<Inspection> {
  const format = given ?? formatOf(name) ?? (await formatOfContent(source));
  if (format !== 'csv') return { format };
  const headers = await readHeaders(decode(source.open()));
  return { format, headers, ...suggestMapping(headers, schemas) };
}

async function formatOfContent(source: Source): Promise<Format> {
  for await (const text of decode(source.open())) {
    const start = text.trimStart();
    if (/^\{[^\n]*\}\r?\n\s*\{/.test(start)) return 'jsonl';
    if (/^[[{]/.test(start)) return 'json';
    if (/^(?:#[^\n]*\n|version:\s*1\s*\n|\s*\n)*dn::?\s/i.test(start)) return 'ldif';
    return 'csv';
  }
  throw new FileError('The file is empty.');
}
