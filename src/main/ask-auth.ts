import type { Auth } from '../auth/index.ts';
import { Directory } from '../directory/index.ts';
import { createLog } from '../observe/index.ts';
import { askHost, type Input, type Name, type Output } from './control.ts';
import { takeDataFolder } from './data-folder.ts';

/**
 * As askDirectory, of what the authorization server knows: asks the running host, where there is one, or else does it itself.
 * @param handlersOf what the host does for such requests.
 * @throws StartError with the host's reason; DirectoryError.
 */
export async function askAuth<N extends Name>(
  data: string,
  name: N,
  input: Input<N>,
  handlersOf: (auth: Auth) => { [Each in N]: (input: Input<Each>) => Promise<Output<Each>> },
): Promise<Output<N>> {
  const folder = takeDataFolder(data);
  if (!folder) return askHost(data, name, input);
  try {
    // What only this needs is loaded here: a command that asks the running host should not wait for it.
    const [{ createAuth }, { secretStorage }] = await Promise.all([import('../auth/index.ts'), import('./app.ts')]);
    const directory = await Directory.open(folder.file('directory.db'));
    try {
      const auth = await createAuth({
        directory,
        dataDir: data,
        origin: 'http://127.0.0.1',
        log: createLog('warn'),
        secretStorage: secretStorage(),
      });
      try {
        return await handlersOf(auth)[name](input);
      } finally {
        await auth.close();
      }
    } finally {
      await directory.close();
    }
  } finally {
    folder.release();
  }
}
