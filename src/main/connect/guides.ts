import type { ClientGuide, ClientKind, ConnectChoice, ConnectText } from '../../api/index.ts';

/** How a program is started that speaks MCP on standard input and output. */
export interface StdioCommand {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

/** Under which clients know Tandem. */
export const serverName = 'tandem';

/** Where Tandem is reached. */
export interface Reach {
  /** `http://127.0.0.1:PORT/mcp`. */
  mcpUrl: string;
  stdio: StdioCommand;
  /** Whose shell quotes the commands. */
  platform: NodeJS.Platform;
}

/** The address for a choice. Over HTTP the tenant is chosen when the client is allowed. */
export function addressFor({ mcpUrl }: Pick<Reach, 'mcpUrl'>, { readOnly }: ConnectChoice): string {
  return readOnly ? `${mcpUrl}/readonly` : mcpUrl;
}

/** The command for a choice. */
export function commandFor({ stdio }: Pick<Reach, 'stdio'>, { tenant, readOnly }: ConnectChoice): StdioCommand {
  return { ...stdio, args: [...stdio.args, '--tenant', tenant, ...(readOnly ? ['--read-only'] : [])] };
}

/** What the configuration file of a client has under `mcpServers.tandem`. */
export function entryFor(kind: ClientKind, reach: Reach, choice: ConnectChoice): Record<string, unknown> {
  return kind === 'cursor' ? { url: addressFor(reach, choice) } : { ...commandFor(reach, choice) };
}

/** What each client needs, in its own format; the state of this computer is not in it. */
export function guidesFor(reach: Reach, choice: ConnectChoice): Omit<ClientGuide, 'file' | 'isInstalled'>[] {
  const url = addressFor(reach, choice);
  const stdio = commandFor(reach, choice);
  const servers = (entry: object, root = 'mcpServers') => JSON.stringify({ [root]: { [serverName]: entry } }, null, 2);
  const withoutSignIn = (text: string): ConnectText => ({ label: 'Without signing in, as a program on this computer', text });
  const quoted = [stdio.command, ...stdio.args].map((word) => quote(word, reach.platform)).join(' ');
  const env = Object.entries(stdio.env ?? {}).map(([name, value]) => `-e ${name}=${value} `);
  const vsCode = { name: serverName, type: 'http', url };
  const cursor = Buffer.from(JSON.stringify({ url })).toString('base64');
  return [
    {
      kind: 'claude-desktop',
      name: 'Claude Desktop',
      transport: 'stdio',
      texts: [{ label: 'claude_desktop_config.json: Settings, Developer, Edit Config', text: servers(stdio) }],
    },
    {
      kind: 'claude-code',
      name: 'Claude Code',
      transport: 'http',
      command: { label: 'In a terminal', text: `claude mcp add --transport http ${serverName} ${url}` },
      texts: [
        { label: '.mcp.json of a project', text: servers({ type: 'http', url }) },
        withoutSignIn(`claude mcp add ${serverName} ${env.join('')}-- ${quoted}`),
      ],
    },
    {
      kind: 'vs-code',
      name: 'VS Code',
      transport: 'http',
      link: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(vsCode))}`,
      texts: [
        { label: '.vscode/mcp.json, or “MCP: Open User Configuration”', text: servers({ type: 'http', url }, 'servers') },
        withoutSignIn(servers({ type: 'stdio', ...stdio }, 'servers')),
      ],
    },
    {
      kind: 'cursor',
      name: 'Cursor',
      transport: 'http',
      link: `cursor://anysphere.cursor-deeplink/mcp/install?name=${serverName}&config=${encodeURIComponent(cursor)}`,
      texts: [{ label: '~/.cursor/mcp.json', text: servers({ url }) }, withoutSignIn(servers(stdio))],
    },
    {
      kind: 'other',
      name: 'Any other client',
      transport: 'http',
      texts: [
        { label: 'Address (Streamable HTTP)', text: url },
        { label: 'mcp.json, for a client that signs in', text: servers({ type: 'http', url }) },
        {
          label: 'mcp.json, for one with an access key',
          text: servers({ type: 'http', url, headers: { Authorization: 'Bearer YOUR_KEY' } }),
        },
        withoutSignIn(servers(stdio)),
      ],
    },
  ];
}

/** A word of a command line, as the system's shell reads it back. */
function quote(word: string, platform: NodeJS.Platform): string {
  if (/^[\w./:=@%+,-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
