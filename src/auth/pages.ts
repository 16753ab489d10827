import { randomBytes } from 'node:crypto';
import type { Tenant } from '../directory/index.ts';

export interface HtmlPage {
  html: string;
  headers: Record<string, string>;
}

const scopeWords: Record<string, string> = {
  'scim:read': 'See the people of the directory',
  'scim:write': 'Add, change and delete people',
};

/** What the consent page shows. */
export interface ConsentView {
  uid: string;
  clientName: string;
  redirectHost: string;
  scopes: string[];
  tenants: Tenant[];
  /** What was wrong with the form, if it is shown again. */
  problem?: string | undefined;
}

/** The page on which a person allows or denies an AI client; it also waits for the decision in the window. */
export function consentPage(view: ConsentView): HtmlPage {
  const words = view.scopes.flatMap((scope) => scopeWords[scope] ?? []);
  const demo = view.tenants.filter(({ sample }) => sample);
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(view.redirectHost);
  const options = (tenants: readonly Tenant[]) =>
    tenants.map(({ id, name }) => `<option value="${escape(id)}">${escape(name)}</option>`).join('');
  const action = `/oauth/interaction/${encodeURIComponent(view.uid)}`;
  return page(
    'Allow access',
    `<h1><span class="client">${escape(view.clientName)}</span> asks for access</h1>
    <p>It will be able to:</p>
    <ul>${words.map((text) => `<li>${escape(text)}</li>`).join('')}</ul>
    <p class="to">The answer goes to <strong>${escape(view.redirectHost)}</strong>${local ? ', a program on this computer. Allow it only if you started it just now.' : '.'}</p>
    <p class="wait" role="status">Allow or deny it in the window of Tandem, or here.</p>
    ${view.problem === undefined ? '' : `<p class="problem" role="alert">${escape(view.problem)}</p>`}
    <form method="post" action="${action}">
      <label for="code">Sign-in code</label>
      <input id="code" name="code" autocomplete="one-time-code" spellcheck="false" autocapitalize="characters" maxlength="20" aria-describedby="hint">
      <p class="hint" id="hint">Tandem shows it under “Connect an AI client”; <code>tandem serve</code> prints it.</p>
      <label for="tenant">Give access to</label>
      <select id="tenant" name="tenant">${options(view.tenants)}</select>
      <div class="buttons"><button name="action" value="deny" class="quiet">Deny</button><button name="action" value="allow">Allow</button></div>
    </form>
    ${
      demo.length === 0
        ? ''
        : `<details><summary>Demo: sign in as somebody of a sample company</summary>
    <p class="hint">Sample companies need no password, so that sign-in can be shown. Your own directory is never open like this.</p>
    <form method="post" action="${action}">
      <label for="demo-tenant">Sample company</label>
      <select id="demo-tenant" name="tenant">${options(demo)}</select>
      <label for="user">User name</label>
      <input id="user" name="user" spellcheck="false" autocapitalize="none" maxlength="256">
      <div class="buttons"><button name="action" value="demo">Sign in and allow</button></div>
    </form></details>`
    }`,
    `const poll = async () => {
      try {
        const { decided } = await (await fetch('${action}/state')).json();
        if (decided) return location.replace('${action}/finish');
      } catch {}
      setTimeout(poll, 1000);
    };
    setTimeout(poll, 500);`,
  );
}

/** The page for a sign-in that cannot go on. */
export function errorPage(code: string, description = ''): HtmlPage {
  return page(
    'Sign-in stopped',
    `<h1>This sign-in cannot go on</h1>
    <p>${escape(description || 'The request was not valid.')}</p>
    <p class="hint">Go back to the program that you came from and connect again. Its request was refused as <code>${escape(code)}</code>.</p>`,
  );
}

function page(title: string, body: string, script?: string): HtmlPage {
  const nonce = randomBytes(16).toString('base64');
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // No form-action: browsers hold it against the redirect to the client that follows the form.
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} – Tandem</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style nonce="${nonce}">${styles}</style></head>
<body><main><p class="brand">Tandem</p>${body}</main>${script === undefined ? '' : `<script nonce="${nonce}">${script}</script>`}</body></html>`,
  };
}

const styles = `
:root{--bg:#f4f5f6;--card:#fff;--text:#1b1f23;--dim:#57606a;--line:#d0d5da;--accent:#0b6b7f;--on:#fff;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--bg:#16181b;--card:#1f2226;--text:#e8eaed;--dim:#a8b0b8;--line:#3a4047;--accent:#4cc3d9;--on:#08252c;--bad:#ff9b92}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif;display:grid;place-items:center;padding:24px 16px}
main{width:100%;max-width:440px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:28px 32px}
.brand{margin:0 0 20px;font-weight:650;color:var(--accent);letter-spacing:.01em}
h1{font-size:20px;line-height:1.3;margin:0 0 16px;font-weight:600}
.client{overflow-wrap:anywhere}
p{margin:0 0 12px}ul{margin:0 0 16px;padding-left:20px}
.to{overflow-wrap:anywhere}
.wait{border-left:3px solid var(--accent);padding:4px 0 4px 12px;color:var(--dim);margin:20px 0}
.hint{color:var(--dim);font-size:13px}.problem{color:var(--bad);font-weight:600}
label{display:block;font-weight:600;font-size:13px;margin:14px 0 4px}
input,select{width:100%;min-height:38px;padding:6px 10px;font:inherit;color:inherit;background:var(--card);border:1px solid var(--dim);border-radius:8px}
#code{font-family:ui-monospace,monospace;letter-spacing:.08em;text-transform:uppercase}
input+.hint{margin:4px 0 0}
.buttons{display:flex;justify-content:flex-end;gap:8px;margin-top:20px}
button{min-height:38px;padding:6px 18px;font:inherit;font-weight:600;border-radius:8px;border:1px solid var(--accent);background:var(--accent);color:var(--on);cursor:pointer}
button.quiet{background:transparent;color:var(--text);border-color:var(--dim)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
details{margin-top:24px;border-top:1px solid var(--line);padding-top:16px}summary{cursor:pointer;font-size:13px;color:var(--dim);padding:4px 0}
code{font-family:ui-monospace,monospace;font-size:.92em}
@media (max-width:480px){main{padding:20px}}`;

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
