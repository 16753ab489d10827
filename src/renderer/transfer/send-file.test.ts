import { describe, expect, test } from 'vitest';
import { sendFile, UnreadableFile } from './send-file.ts';

async function sent(bytes: BlobPart, signal = new AbortController().signal) {
  const pieces: { text: string; isLast: boolean }[] = [];
  const marks: number[] = [];
  await sendFile(new Blob([bytes]), {
    send: async (text, isLast) => pieces.push({ text, isLast }),
    onSent: (size) => marks.push(size),
    signal,
  });
  return { pieces, marks };
}

describe('a file goes up in pieces', () => {
  test('that cut no character in two', async () => {
    const text = `name\n${'Zoë 👩‍💻 東京\n'.repeat(30_000)}`;
    const { pieces, marks } = await sent(text);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.map(({ text: part }) => part).join('')).toBe(text);
    expect(pieces.map(({ isLast }) => isLast)).toEqual([...pieces.slice(1).map(() => false), true]);
    expect(marks.at(-1)).toBe(new Blob([text]).size);
  });

  test('also in UTF-16, as its mark says, and without the mark', async () => {
    const utf16 = new Uint8Array(Uint16Array.of(0xfeff, 0x5a, 0x6f, 0xeb).buffer);
    expect((await sent(utf16)).pieces).toEqual([{ text: 'Zoë', isLast: true }]);
    expect((await sent('\uFEFFZoë')).pieces).toEqual([{ text: 'Zoë', isLast: true }]);
  });

  test('unless it is no text, which is said with what to do', async () => {
    await expect(sent(new Uint8Array([]))).rejects.toThrow('The file is empty.');
    await expect(sent(new Uint8Array([0x50, 0x4b, 3, 4, 0]))).rejects.toThrow(/CSV UTF-8/);
    const latin1 = new Uint8Array([0x5a, 0x6f, 0xeb, 0x0a]);
    await expect(sent(latin1)).rejects.toThrow(
      new UnreadableFile('The file is not UTF-8 text, somewhere after line 1. Save it again as UTF-8, then import that.'),
    );
  });

  test('until it is stopped', async () => {
    await expect(sent('x', AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
