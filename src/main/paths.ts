import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of Tandem's package.json: the sources' and the built files' common root. */
const appRoot = findRoot(import.meta.dirname);

export const version = (JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8')) as { version: string }).version;

/** The built window. */
export const builtWindow = join(appRoot, 'out', 'renderer');

/** The built command line: beside this file where that is built, for the build may be another than the usual one. */
const besideThis = join(import.meta.dirname, 'tandem.js');
const builtProgram = existsSync(besideThis) ? besideThis : join(appRoot, 'out', 'main', 'tandem.js');

/**
 * How an AI client starts `tandem mcp` from this copy of Tandem: this program itself, which under Electron is told to be
 * plain Node.
 */
export function stdioCommand(dataDir: string): { command: string; args: string[]; env?: Record<string, string> } {
  const command = { command: process.execPath, args: [builtProgram, 'mcp', '--data', dataDir] };
  return process.versions['electron'] === undefined ? command : { ...command, env: { ELECTRON_RUN_AS_NODE: '1' } };
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error('Tandem is not in its folder: no package.json above its files.');
  }
}
