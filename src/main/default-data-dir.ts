import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the directory is kept unless `--data` or TANDEM_DATA says otherwise: the operating system's place for it. */
export function defaultDataDir(): string {
  const { TANDEM_DATA, APPDATA, XDG_DATA_HOME } = process.env;
  if (TANDEM_DATA) return TANDEM_DATA;
  if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Tandem');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Tandem');
  return join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'tandem');
}
