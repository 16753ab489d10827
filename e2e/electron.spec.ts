import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { electronEntry, env, openedOutside, type RunningApp } from './shells.ts';

/** What only Electron has. */

function shellOf({ electron }: RunningApp): ElectronApplication {
  if (!electron) throw new Error('these tests are for Electron');
  return electron;
}

test('the menu asks the window, and leads to each place', async ({ app, window }) => {
  const choose = (name: string) =>
    shellOf(app).evaluate(({ BrowserWindow, Menu }, wanted) => {
      const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []);
      items?.find(({ label }) => label === wanted)?.click({}, BrowserWindow.getAllWindows()[0]);
    }, name);
  await choose('List of groups');
  await expect(window.getByRole('textbox', { name: 'Search groups' })).toBeVisible();
  await choose('List of people');
  await expect(window.getByRole('textbox', { name: 'Search people' })).toBeVisible();
  await choose('New group');
  await expect(window.getByRole('heading', { name: 'New group' })).toBeVisible();
  for (const [name, content] of [
    ['Connect an AI client', app.endpoints.mcp],
    ['Manage tenants', 'Northwind Trading'],
    ['Extra fields of people and groups', 'Extra fields'],
  ] as const) {
    await choose(name);
    await expect(window.getByRole('dialog')).toContainText(content);
    await window.keyboard.press('Escape');
    await expect(window.getByRole('dialog')).toBeHidden();
  }
});

test('the window goes to no other page and opens no other window', async ({ app, window }) => {
  const here = window.url();
  const outside = await openedOutside(shellOf(app));
  await window.evaluate(() => location.assign('http://127.0.0.1:9/'));
  expect(await window.evaluate(() => open('search-ms:query=secret'))).toBeNull();
  expect(await outside()).toBe('');
  // A page of the web is for the person's browser.
  expect(await window.evaluate(() => open('http://127.0.0.1:9/'))).toBeNull();
  await expect.poll(outside).toBe('http://127.0.0.1:9/');
  expect(window.url()).toBe(here);
  expect(shellOf(app).windows()).toHaveLength(1);
});

test('the window is a page without powers: isolated, in the sandbox, without Node', async ({ app, window }) => {
  const preferences = await shellOf(app).evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as
      | { getLastWebPreferences: () => object }
      | undefined;
    return contents?.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
  });
  expect(preferences).not.toHaveProperty('nodeIntegrationInWorker', true);
  expect(preferences).not.toHaveProperty('allowRunningInsecureContent', true);
  expect(preferences).not.toHaveProperty('experimentalFeatures', true);
  const seen = await window.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'ipcRenderer', 'electron'].filter(
      (name) => name in globalThis,
    ),
    bridge: Object.keys((globalThis as unknown as { tandem: object }).tandem).toSorted(),
    opener: opener as unknown,
    isSecure: isSecureContext,
  }));
  expect(seen).toEqual({ node: [], bridge: ['onMenu', 'showWaiting'], opener: null, isSecure: true });
});

test('the page runs and loads nothing but its own: no inline script or style, no eval, no frame, no address elsewhere', async ({
  app,
  window,
}) => {
  const policy = await window.evaluate(async () => (await fetch(location.href)).headers.get('content-security-policy'));
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:|data: *;.*script/);
  const blocked = await window.evaluate(async (elsewhere) => {
    const found: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => found.push(effectiveDirective));
    document.body.insertAdjacentHTML(
      'beforeend',
      '<div id="forged" style="color:red"></div><iframe src="about:srcdoc" srcdoc="<script>1</script>"></iframe>',
    );
    for (const [tag, text] of [
      ['script', 'window.forged = 1'],
      ['style', 'body{display:none}'],
    ] as const) {
      const element = document.createElement(tag);
      element.textContent = text;
      document.head.append(element);
    }
    document.getElementById('forged')?.setAttribute('onclick', 'window.forged = 1');
    document.getElementById('forged')?.click();
    const reached = await Promise.all(
      [elsewhere, 'https://example.com/', 'file:///etc/passwd', 'app://other/'].map((url) =>
        fetch(url, { mode: 'no-cors' }).then(
          () => true,
          () => false,
        ),
      ),
    );
    const image = new Image();
    const loaded = new Promise((resolve) => {
      image.addEventListener('load', () => resolve(true));
      image.addEventListener('error', () => resolve(false));
    });
    image.src = `${elsewhere}/x.png`;
    reached.push((await loaded) === true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // Not before: what calls this may evaluate.
    let evaluated = true;
    try {
      // eslint-disable-next-line no-new-func, typescript/no-implied-eval
      new Function('return 1')();
    } catch {
      evaluated = false;
    }
    document.querySelector('iframe')?.remove();
    document.getElementById('forged')?.remove();
    return {
      found: [...new Set(found)].toSorted(),
      forged: (globalThis as { forged?: unknown }).forged === 1,
      evaluated,
      reached,
    };
  }, app.endpoints.issuer);
  expect(blocked).toMatchObject({ forged: false, evaluated: false, reached: [false, false, false, false, false] });
  expect(blocked.found).toEqual(
    expect.arrayContaining(['script-src-attr', 'script-src-elem', 'style-src-attr', 'style-src-elem', 'connect-src', 'img-src']),
  );
  // What was tried here is what the page complained about.
  app.faults.length = 0;
});

test('no address of the app’s scheme leads to a file that is not the window’s', async ({ window }) => {
  const answers = await window.evaluate(async () => {
    const paths = [
      '/assets/../index.html',
      '/assets/..%2f..%2fmain%2felectron.js',
      '/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fpackage.json',
      '/..%5c..%5cpackage.json',
      '/assets/%2fetc%2fpasswd',
      '/assets/x%00.js',
      '/%',
      '/index.html',
      '/trpc/../package.json',
      '//etc/passwd',
      '/assets/',
    ];
    return Promise.all(
      paths.map(async (path) =>
        fetch(`app://tandem${path}`).then(
          ({ status }) => status,
          () => 'refused',
        ),
      ),
    );
  });
  expect(
    answers.every((answer) => answer === 404 || answer === 'refused'),
    JSON.stringify(answers),
  ).toBe(true);
});

test('what the window does not use is refused: permissions, devices, webviews', async ({ app, window }) => {
  const asked = await window.evaluate(async () => {
    const names = ['geolocation', 'camera', 'microphone', 'midi', 'clipboard-read', 'persistent-storage'] as PermissionName[];
    const states = await Promise.all(
      names.map((name) =>
        navigator.permissions.query({ name }).then(
          ({ state }) => state,
          () => 'unknown',
        ),
      ),
    );
    const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'given',
      () => 'refused',
    );
    const display = await navigator.mediaDevices.getDisplayMedia().then(
      () => 'given',
      () => 'refused',
    );
    const place = await new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition(
        () => resolve('given'),
        () => resolve('refused'),
      );
    });
    return { granted: states.filter((state) => state === 'granted'), media, display, place };
  });
  expect(asked).toEqual({ granted: [], media: 'refused', display: 'refused', place: 'refused' });
  const attached = await window.evaluate(() => {
    const view = document.createElement('webview');
    document.body.append(view);
    const isView = 'getWebContentsId' in view;
    view.remove();
    return isView;
  });
  expect(attached).toBe(false);
  expect(await shellOf(app).evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1);
  app.faults.length = 0;
});

test('a page that is not the window’s is shown nowhere and believed nothing', async ({ app, window }) => {
  await expect(window.getByText('Live:')).toBeVisible();
  const electron = shellOf(app);
  // Whatever made such a window, with the same preload script: the message comes from a frame that is not of the app.
  const badges = await electron.evaluate(
    async ({ app: own, BrowserWindow }, preload) => {
      const counts: number[] = [];
      own.setBadgeCount = (count) => counts.push(count ?? 0) > 0;
      const [first] = BrowserWindow.getAllWindows();
      const forged = new BrowserWindow({ show: false, webPreferences: { preload, contextIsolation: true, sandbox: true } });
      await forged.loadURL('data:text/html,<title>forged</title>');
      const answered: unknown = await forged.webContents.executeJavaScript('tandem.showWaiting(77); typeof tandem.showWaiting');
      await first?.webContents.executeJavaScript('tandem.showWaiting(3); tandem.showWaiting("x"); tandem.showWaiting(-5)');
      const opened: unknown = await forged.webContents.executeJavaScript('open("app://tandem/") === null');
      await forged.webContents.executeJavaScript('location.href = "http://127.0.0.1:9/"; 1');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const at = forged.webContents.getURL();
      forged.destroy();
      return { counts, answered, opened, at };
    },
    join(electronEntry, '../../preload/index.cjs'),
  );
  expect(badges).toEqual({ counts: [3, 0], answered: 'function', opened: true, at: 'data:text/html,<title>forged</title>' });
  const log = readFileSync(join(app.data, 'logs/tandem.log'), 'utf8');
  expect(log).toContain('a message that is not of the window was refused');
  expect(log).toContain('a page of elsewhere was refused');
});

test('a second start of the same folder shows the first, and ends', async ({ app, window }) => {
  await expect(window.getByText('Live:')).toBeVisible();
  const electron = shellOf(app);
  const program = await electron.evaluate(() => process.execPath);
  const args = process.getuid?.() === 0 || process.env['ELECTRON_DISABLE_SANDBOX'] ? ['--no-sandbox'] : [];
  const said = await new Promise<string>((resolve) => {
    execFile(program, [...args, electronEntry, '--data', app.data], { env, timeout: 20_000 }, (_error, _out, errors) =>
      resolve(errors),
    );
  });
  expect(said).toContain('Tandem is open already');
  expect(electron.windows()).toHaveLength(1);
});

test('closing the window ends the app, frees its folder and remembers where the window was', async ({ app, window }) => {
  await expect(window.getByText('Live:')).toBeVisible();
  const electron = shellOf(app);
  const ended = new Promise((resolve) => electron.process().once('exit', resolve));
  await electron.evaluate(({ BrowserWindow }) => {
    const [own] = BrowserWindow.getAllWindows();
    own?.setBounds({ x: 40, y: 30, width: 1000, height: 700 });
    own?.close();
  });
  expect(await ended).toBe(0);
  expect(existsSync(join(app.data, 'host.json'))).toBe(false);
  const settings: unknown = JSON.parse(readFileSync(join(app.data, 'settings.json'), 'utf8'));
  expect(settings).toMatchObject({ window: { width: 1000, height: 700, maximized: false } });
});
