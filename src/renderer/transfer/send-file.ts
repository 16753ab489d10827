/** The file cannot be imported as it is, in one sentence with what to do. */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile';
}

/** What goes to the host at once, in bytes of the file. */
const pieceSize = 256 * 1024;

interface Sending {
  /** Takes the next piece; waits until the host has it. */
  send: (text: string, isLast: boolean) => Promise<unknown>;
  /** Told how much is there, in bytes. */
  onSent: (bytes: number) => void;
  signal: AbortSignal;
}

/**
 * Reads a file piece by piece, so that it is never in memory as a whole, and sends it as text: UTF-8, or UTF-16 where its mark
 * says so.
 * @throws UnreadableFile where it is no text; the signal's reason; what sending throws.
 */
export async function sendFile(file: Blob, { send, onSent, signal }: Sending): Promise<void> {
  const decoder = await decoderFor(file);
  let line = 1;
  for (let from = 0; from < file.size; from += pieceSize) {
    signal.throwIfAborted();
    const bytes = await file.slice(from, from + pieceSize).arrayBuffer();
    const isLast = from + pieceSize >= file.size;
    const text = decode(decoder, bytes, !isLast, line);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++;
    await send(text, isLast);
    onSent(Math.min(file.size, from + pieceSize));
  }
}

async function decoderFor(file: Blob): Promise<TextDecoder> {
  const [first, second, third, fourth] = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (first === undefined) throw new UnreadableFile('The file is empty.');
  if (first === 0x50 && second === 0x4b && third === 3 && fourth === 4)
    throw new UnreadableFile(
      'This is a workbook or an archive. Open it in its program, save it as “CSV UTF-8”, then import that.',
    );
  const is16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return new TextDecoder(is16 ? (first === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8', { fatal: true });
}

function decode(decoder: TextDecoder, bytes: ArrayBuffer, stream: boolean, line: number): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch {
    throw new UnreadableFile(
      `The file is not UTF-8 text, somewhere after line ${line.toLocaleString('en')}. Save it again as UTF-8, then import that.`,
    );
  }
}
