/**
 * `npm run bundle [-- FILE]`: makes tandem.mcpb, the extension that Claude Desktop installs with a double click. In it is one small
 * program, built here with all that it needs, which carries MCP to the Tandem that runs on the same computer.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fail, root, say, setup } from './setup.mjs';

await setup();
const { packExtension } = await import('@anthropic-ai/mcpb');
const { build } = await import('vite');
const output = resolve(process.argv[2] ?? join(root, 'tandem.mcpb'));
const { version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'tandem-bundle-'));
try {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: 'src/main/bundle-bridge.ts',
      outDir: join(folder, 'server'),
      // What Claude Desktop brings; older than what the app itself needs.
      target: 'node20',
      minify: true,
      rolldownOptions: { output: { entryFileNames: 'bridge.mjs', codeSplitting: false } },
    },
  });
  copyFileSync(join(root, 'assets', 'icon.png'), join(folder, 'icon.png'));
  const manifest = {
    manifest_version: '0.3',
    name: 'tandem',
    display_name: 'Tandem',
    version,
    description,
    long_description:
      'Connects to the Tandem that runs on this computer: an app with one directory of people, which administrators and AI agents edit at the same time. Tandem must be open. Nobody signs in: whoever may read the data folder may use it.',
    author: { name: 'Tandem' },
    license,
    icon: 'icon.png',
    keywords: ['directory', 'scim', 'people', 'groups'],
    server: {
      type: 'node',
      entry_point: 'server/bridge.mjs',
      mcp_config: {
        command: 'node',
        args: ['${__dirname}/server/bridge.mjs'],
        env: {
          TANDEM_DATA: '${user_config.data_folder}',
          TANDEM_TENANT: '${user_config.tenant}',
          TANDEM_READ_ONLY: '${user_config.read_only}',
        },
      },
    },
    // They depend on the tenant's settings and are told by the server.
    tools_generated: true,
    prompts_generated: true,
    user_config: {
      tenant: {
        type: 'string',
        title: 'Tenant',
        description: 'Whose people Claude works with: the id of a tenant in Tandem.',
        default: 'default',
        required: false,
      },
      read_only: {
        type: 'boolean',
        title: 'Only see people',
        description: 'Claude can change nothing, whatever else is allowed.',
        default: false,
        required: false,
      },
      data_folder: {
        type: 'directory',
        title: 'Data folder',
        description: 'Where Tandem keeps its data, if not in its usual place. Leave it empty otherwise.',
        required: false,
      },
    },
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: '>=20.3.0' } },
  };
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  mkdirSync(resolve(output, '..'), { recursive: true });
  if (!(await packExtension({ extensionPath: folder, outputPath: output, silent: true })))
    fail('the bundle could not be packed: run mcpb validate on its manifest.');
  say(`made ${output}. A double click installs it in Claude Desktop.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
