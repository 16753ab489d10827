import { Directory } from '../directory/index.ts';
import { askHost, type Input, type Name, type Output } from './control.ts';
import { takeDataFolder } from './data-folder.ts';

/**
 * Asks the running host, where there is one, or else does it itself: only one process writes to a data folder.
 * @param handlersOf what the host does for such requests.
 * @throws StartError with the host's reason; DirectoryError.
 */
export async function askDirectory<N extends Name>(
  data: string,
  name: N,
  input: Input<N>,
  handlersOf: (directory: Directory) => { [Each in N]: (input: Input<Each>) => Promise<Output<Each>> },
): Promise<Output<N>> {
  const folder = takeDataFolder(data);
  if (!folder) return askHost(data, name, input);
  try {
    const directory = await Directory.open(folder.file('directory.db'));
    try {
      return await handlersOf(directory)[name](input);
    } finally {
      await directory.tenants.settled();
      await directory.close();
    }
  } finally {
    folder.release();
  }
}
