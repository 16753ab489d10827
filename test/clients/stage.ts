import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Actor, Directory } from '../../src/directory/index.ts';
import { CookieBrowser } from '../cookie-browser.ts';
import { startTestHost, type TestHost } from '../host.ts';
import { endPrograms } from './processes.ts';

/** The names by which programs open a browser. */
const openers = ['xdg-open', 'open', 'x-www-browser', 'sensible-browser', 'www-browser', 'gnome-open', 'kde-open', 'wslview'];

/** A started Tandem, a computer of its own for a client, and the person who sits at it. */
export interface Stage {
  host: TestHost;
  directory: Directory;
  /** The person at the window, in the tenant that the client is let into. */
  administrator: Actor;
  /** The client's home; nothing of it is there yet. */
  home: string;
  /** An empty folder in which the client is started. */
  folder: string;
  /** The client's environment, in which a browser is the person of this test. Nothing of this machine's user is in it. */
  env: NodeJS.ProcessEnv;
  /** What the consent page said, for each sign-in. */
  consents: string[];
  /** Goes to an address as a person in a browser does: signs in with the code of the window, and allows what is asked for. */
  open(address: string | URL): Promise<void>;
  close(): Promise<void>;
}

/** Starts the app over HTTP, and makes a home in which whatever opens a browser reaches the person. */
export async function openStage(): Promise<Stage> {
  const host = await startTestHost();
  const home = mkdtempSync(join(tmpdir(), 'tandem-client-'));
  const folder = join(home, 'work');
  mkdirSync(folder);
  const consents: string[] = [];
  const open = async (address: string | URL) => {
    const browser = await new CookieBrowser().visit(address);
    if (browser.status !== 200) throw new Error(`the sign-in page answered ${browser.status}: ${browser.text}`);
    consents.push(browser.text);
    await browser.submit({ action: 'sign-in', code: host.app.endpoints.signInCode });
    const ticket = /name="ticket" value="([^"]+)"/.exec(browser.html)?.[1] ?? '';
    await browser.submit({ action: 'allow', ticket, tenant: 'default' });
    if (browser.url.origin === host.origin) throw new Error(`the sign-in did not return to the client: ${browser.text}`);
  };
  const person = createServer((request, response) => {
    let address = '';
    request.setEncoding('utf8').on('data', (text: string) => (address += text));
    request.on('end', () => {
      // A browser's opener does not wait for the page.
      response.end();
      open(address).catch((error: unknown) => consents.push(String(error)));
    });
  });
  await new Promise<void>((resolve) => person.listen(0, '127.0.0.1', resolve));
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const opener = `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'open-address.mjs')}" "$@"\n`;
  for (const name of openers) {
    writeFileSync(join(bin, name), opener);
    chmodSync(join(bin, name), 0o755);
  }
  return {
    host,
    directory: host.app.services.directory,
    administrator: host.app.services.administrator('default'),
    home,
    folder,
    env: {
      PATH: [bin, process.env['PATH']].join(delimiter),
      HOME: home,
      LANG: 'C.UTF-8',
      BROWSER: join(bin, 'xdg-open'),
      TANDEM_TEST_PERSON: `http://127.0.0.1:${(person.address() as AddressInfo).port}/`,
    },
    consents,
    open,
    async close() {
      endPrograms();
      person.close();
      person.closeAllConnections();
      await host.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
