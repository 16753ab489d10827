import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from './data-folder.ts';
import { defaultDataDir } from './default-data-dir.ts';

/**
 * Reads what both shells are told on their command line: `--data DIR`, `--port N`, `--sample`.
 * @param args without the program; whatever else is in it belongs to Electron or Chromium.
 * @throws StartError if the port is no port.
 */
export function shellOptions(args: string[]): { dataDir: string; port: number | undefined; sample: boolean } {
  const { values } = parseArgs({
    args,
    options: { data: { type: 'string' }, port: { type: 'string' }, sample: { type: 'boolean' } },
    strict: false,
  });
  const { data, port, sample } = values;
  if (port !== undefined && !(/^\d+$/.test(String(port)) && Number(port) <= 65_535))
    throw new StartError('--port: Give a whole number from 0 to 65535.');
  return {
    dataDir: resolve(typeof data === 'string' ? data : defaultDataDir()),
    port: port === undefined ? undefined : Number(port),
    sample: sample === true,
  };
}
