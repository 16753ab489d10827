import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';

export interface RollingFileOptions {
  /** Made if absent; for its user alone. */
  folder: string;
  /** Of the file that is written, such as `tandem` for `tandem.log`; older ones are `tandem.1.log` and so on, the newest first. */
  name: string;
  bytesMax: number;
  /** Older files that are kept. */
  olderMax: number;
}

/** A file of bounded size, with a bounded number of older ones beside it. A line that was written outlives the process. */
export interface RollingFile {
  write(line: string): void;
  close(): void;
}

/**
 * Opens the file, and goes on at its end. What cannot be written is lost, and said once on standard error: a full disk must not
 * end a directory that could still be read.
 */
export function openRollingFile({ folder, name, bytesMax, olderMax }: RollingFileOptions): RollingFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = (number: number) => join(folder, number === 0 ? `${name}.log` : `${name}.${number}.log`);
  const sizeOf = () => statSync(path(0), { throwIfNoEntry: false })?.size ?? 0;
  let told = false;
  const trouble = (error: unknown) => {
    if (!told) process.stderr.write(`tandem: the log file cannot be written: ${error instanceof Error ? error.message : ''}\n`);
    told = true;
  };
  let size = sizeOf();
  if (size > 0) chmodSync(path(0), 0o600);
  const file = pino.destination({ dest: path(0), sync: true, append: true, mode: 0o600 });
  file.on('error', trouble);

  const roll = () => {
    for (let number = olderMax; number > 0; number--)
      if (statSync(path(number - 1), { throwIfNoEntry: false })) renameSync(path(number - 1), path(number));
    for (const entry of readdirSync(folder)) {
      const older = /^(.+)\.(\d+)\.log$/.exec(entry);
      if (older?.[1] === name && Number(older[2]) > olderMax) rmSync(join(folder, entry), { force: true });
    }
    file.reopen();
    size = 0;
  };

  return {
    write(line) {
      try {
        const bytes = Buffer.byteLength(line);
        if (size > 0 && size + bytes > bytesMax) roll();
        size += bytes;
        file.write(line);
      } catch (error) {
        trouble(error);
      }
    },
    close: () => file.end(),
  };
}
