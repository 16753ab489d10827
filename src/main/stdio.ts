import { bridgeStdio, type BridgeEnd } from '../mcp/index.ts';
import type { Log } from '../observe/index.ts';
import type { App } from './app.ts';
import { askHost, controlHandlers } from './control.ts';
import { FolderInUse } from './data-folder.ts';

/**
 * `tandem mcp`: speaks MCP on standard input and output until the input or the process is ended. Joins the app that runs on
 * the data folder; where none runs, this process is the host until the app is started and asks for the folder, and then
 * joins it.
 * @throws StartError if neither can be done.
 */
export async function runStdio(options: { dataDir: string; tenant: string; readOnly: boolean; log: Log }): Promise<void> {
  const { dataDir, tenant, readOnly, log } = options;
  let own: App | undefined;
  let handedOver: Promise<void> | undefined;
  const closeOwn = async () => {
    const app = own;
    own = undefined;
    await app?.close();
  };
  const handOver = () => (handedOver = closeOwn());
  const join = async () => endOf(await askHost(dataDir, 'stdio-key', { tenant, readOnly }));
  const connect = async (): Promise<BridgeEnd> => {
    if (handedOver) {
      // The host that asked for the folder must find it free; it is taken back only if nobody comes.
      const joined = await handedOver.then(join).catch(() => undefined);
      handedOver = undefined;
      if (joined) return joined;
    }
    try {
      const { startApp } = await import('./app.ts');
      own ??= await startApp({ dataDir, port: 0, shell: 'browser', log, onHandOver: handOver });
      const app = own;
      const here = controlHandlers({
        keys: app.accessKeys,
        auth: app.services,
        directory: app.services.directory,
        imports: app.services.imports,
        eventStreams: app.services.eventStreams,
        mcp: app.endpoints.mcp,
        openAddress: () => app.openAddress(),
      });
      return endOf(await here['stdio-key']({ tenant, readOnly }));
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      return join();
    }
  };
  // Found at once, so that a folder or tenant that cannot be used is said at the start and not with the first request.
  let first: BridgeEnd | undefined = await connect();
  const signalled = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => signalled.abort());
  try {
    await bridgeStdio({
      connect: async () => {
        const end = first ?? (await connect());
        first = undefined;
        return end;
      },
      input: process.stdin,
      output: process.stdout,
      signal: signalled.signal,
      log,
    });
  } finally {
    await closeOwn();
  }
}

function endOf({ key, mcp }: { key: string; mcp: string }): BridgeEnd {
  return { mcpUrl: mcp, token: key };
}
