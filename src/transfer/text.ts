import { FileError } from './row.ts';

/** Characters of one record, of a group with its members for example; bounds the memory that a broken file can take. */
export const recordCharactersMax = 64 * 1024 * 1024;

/**
 * Decodes a file's bytes: UTF-8, or UTF-16 where a byte order mark says so (Excel's "Unicode Text"). The mark is left out.
 * @throws FileError where the bytes are not of that encoding.
 */
export async function* decode(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let line = 1;
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    const text = decodeChunk(decoder, chunk, line);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++;
    if (text !== '') yield text;
  }
  const rest = decoder ? decodeChunk(decoder, undefined, line) : '';
  if (rest !== '') yield rest;
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

function decodeChunk(decoder: TextDecoder, chunk: Uint8Array | undefined, line: number): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new FileError(`The file is not UTF-8 text, somewhere after line ${line}. Save it again as UTF-8, then import that.`);
  }
}

/** Cuts text into lines, without their ends. */
export async function* lines(chunks: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let line = 1;
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > recordCharactersMax) throw new FileError(`Line ${line + parts.length} is too long.`);
    for (const text of parts) yield { line: line++, text: text.endsWith('\r') ? text.slice(0, -1) : text };
  }
  if (rest !== '') yield { line, text: rest };
}
