import type { Actor, Directory } from '../directory/index.ts';
import type { CsvOptions } from './csv-read.ts';
import type { Action, DecideContext, Mode } from './decide.ts';
import type { MatchOptions } from './find.ts';
import { resourceTypeOf, type Format, type Kind, type Source } from './row.ts';

/** How a file is to be imported. */
export interface ImportOptions extends CsvOptions, MatchOptions {
  kind: Kind;
  format: Format;
  /** Both, where it is not given. */
  mode?: Mode | undefined;
  /** Take the file's word also where somebody changed the same since the file was exported. */
  ignoreVersions?: boolean | undefined;
}

/** How many rows came to what. */
export type Counts = Record<Action, number>;

export function noCounts(): Counts {
  return { create: 0, update: 0, unchanged: 0, skipped: 0, invalid: 0, conflict: 0 };
}

/** How far it is. */
export interface Progress {
  /** Rows. */
  done: number;
  /** Rows of the whole file; an estimate by its size until it was read once. */
  total: number;
}

export function contextOf(directory: Directory, actor: Actor, options: ImportOptions): DecideContext & MatchOptions {
  const type = resourceTypeOf(options.kind);
  return {
    directory,
    actor,
    type,
    schemas: directory.schemas(actor, type),
    mode: options.mode ?? 'both',
    ignoreVersions: options.ignoreVersions === true,
    matchExternalId: options.matchExternalId,
  };
}

/** A source that tells how much of it was read. */
export function measured(source: Source): Source & { estimate(done: number): number } {
  let read = 0;
  return {
    size: source.size,
    async *open() {
      read = 0;
      for await (const chunk of source.open()) {
        read += chunk.length;
        yield chunk;
      }
    },
    estimate: (done) => (read === 0 ? done : Math.max(done, Math.round((done * source.size) / read))),
  };
}
