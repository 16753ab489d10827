import { setTimeout as sleep } from 'node:timers/promises';
// Not the room's index: this file is built into the bundle for Claude Desktop with all that it imports.
import { bridgeStdio, type BridgeEnd } from '../mcp/stdio.ts';
import { defaultDataDir } from './default-data-dir.ts';
import { HostGone, postToHost, readHostAddress, stdioKey } from './host-address.ts';
import { StartError } from './start-error.ts';

// The program in tandem.mcpb: carries MCP between Claude Desktop and the Tandem that runs on this computer. It holds no data itself.

/** Asked twice before a client is told. */
const waitMs = 10_000;
const pollMs = 500;
const askMs = 10_000;

// What was left empty comes as it stands in the manifest.
for (const name of ['TANDEM_DATA', 'TANDEM_TENANT', 'TANDEM_READ_ONLY'])
  if (process.env[name]?.startsWith('${')) delete process.env[name];
const dataDir = defaultDataDir();
const tenant = process.env['TANDEM_TENANT'] || 'default';
const readOnly = process.env['TANDEM_READ_ONLY'] === 'true';

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => ended.abort());
await bridgeStdio({
  connect,
  input: process.stdin,
  output: process.stdout,
  signal: ended.signal,
  log: { warn: ({ err }: { err: unknown }) => say(err instanceof Error ? err.message : String(err)) },
});
process.exit();

/** Finds the Tandem that runs; where none does, waits for a while, since both may have been started just now. */
async function connect(): Promise<BridgeEnd> {
  const notRunning = `Tandem is not running on ${dataDir}. Open Tandem, then turn this extension off and on again. If its data is elsewhere, choose the folder in the extension's settings.`;
  const until = Date.now() + waitMs;
  for (let isFirst = true; ; isFirst = false) {
    const host = readHostAddress(dataDir);
    try {
      if (host) {
        const answer = await postToHost(host, 'stdio-key', { tenant, readOnly }, AbortSignal.timeout(askMs));
        const { key, mcp } = stdioKey.output.parse(await answer.json());
        return { mcpUrl: mcp, token: key };
      }
    } catch (error) {
      if (!(error instanceof HostGone)) throw error;
    }
    if (isFirst) say(`Tandem is not running on ${dataDir}. Waiting for it …`);
    if (Date.now() > until || ended.signal.aborted) throw new StartError(notRunning);
    await sleep(pollMs);
  }
}

function say(text: string): void {
  process.stderr.write(`tandem: ${text}\n`);
}
