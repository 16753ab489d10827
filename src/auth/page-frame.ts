import { randomBytes } from 'node:crypto';

export interface HtmlPage {
  html: string;
  headers: Record<string, string>;
}

/** Markup that was made by `html`, and is put into other markup as it is. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | Markup | readonly Markup[] | undefined;

/** Makes markup of a template; every text put into it is escaped. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...parts.map(render)));
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  return typeof part === 'string' ? escape(part) : part.map(({ text }) => text).join('');
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A whole page in the app's look, which loads nothing and can be shown in no frame. */
export function page(title: string, body: Markup, script?: string): HtmlPage {
  const nonce = randomBytes(16).toString('base64');
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title} · Tandem</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <style nonce="${nonce}">
          ${new Markup(styles)}
        </style>
      </head>
      <body>
        <main>
          <p class="brand">${mark} Tandem</p>
          ${body}
        </main>
        ${
          script === undefined
            ? undefined
            : html`<script nonce="${nonce}">
                ${new Markup(script)};
              </script>`
        }
      </body>
    </html>`;
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // No form-action: browsers hold it against the redirect to the client that follows the form.
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
    html: text,
  };
}

const mark = html`<svg viewBox="0 0 32 22" width="32" height="22" aria-hidden="true">
  <circle cx="11" cy="11" r="9.5" class="left" />
  <circle cx="21" cy="11" r="9.5" class="right" />
</svg>`;

const styles = `
:root{--bg:#f1f3f5;--card:#fff;--soft:#f6f8f9;--text:#1a1e22;--dim:#57606a;--line:#d5dade;--edge:#868e96;--accent:#0b6b7f;--hover:#06535f;--on:#fff;--bad:#b3261e;--badsoft:#fdf0ef;--demo:#8a4b00;--demosoft:#fff6e6}
@media (prefers-color-scheme:dark){:root{--bg:#141618;--card:#1e2124;--soft:#25292d;--text:#e9ecef;--dim:#a9b1b9;--line:#363c42;--edge:#7b848d;--accent:#3bc9db;--hover:#66d9e8;--on:#06262c;--bad:#ff9d94;--badsoft:#3a2321;--demo:#ffc46b;--demosoft:#332a1a}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;background:var(--bg);color:var(--text);font:15px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;display:grid;place-items:center;padding:32px 16px}
main{width:100%;max-width:460px;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:28px 32px 32px;box-shadow:0 1px 2px #0000000f,0 12px 32px #00000014}
p{margin:0}
.brand{display:flex;align-items:center;gap:10px;font-weight:650;margin-bottom:24px}
.brand svg{fill:none;stroke:var(--accent);stroke-width:2.5}.brand .left{fill:var(--accent);fill-opacity:.16}
h1{font-size:22px;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:0 0 8px;overflow-wrap:anywhere}
.to{color:var(--dim);overflow-wrap:anywhere}.to strong{color:var(--text);font-weight:600}
.may{list-style:none;margin:20px 0;padding:14px 16px;background:var(--soft);border-radius:8px;display:grid;gap:8px}
.may li{display:flex;gap:10px;align-items:flex-start}
.may svg{flex:none;margin-top:4px;fill:none;stroke:var(--accent);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.may .grave{color:var(--bad);font-weight:600}.may .grave svg{stroke:currentColor;stroke-width:1.6}
.wait{display:flex;gap:12px;align-items:flex-start;border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.dot{flex:none;width:10px;height:10px;margin:6px 2px;border-radius:50%;background:var(--accent);animation:pulse 1.8s ease-in-out infinite}
.ended .dot{background:var(--dim);animation:none}
@keyframes pulse{50%{opacity:.25;transform:scale(.8)}}
@media (prefers-reduced-motion:reduce){.dot{animation:none}}
.or{display:flex;align-items:center;gap:12px;color:var(--dim);font-size:13px;margin:20px 0 16px}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
label{display:block;font-weight:600;font-size:14px;margin:0 0 6px}
label:not(:first-child){margin-top:14px}
input,select{width:100%;min-height:42px;padding:8px 12px;font:inherit;color:inherit;background:var(--card);border:1px solid var(--edge);border-radius:8px}
.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:17px;letter-spacing:.1em;text-transform:uppercase}
.row{display:flex;gap:8px}.row input{flex:1;min-width:0}.row button{flex:none}
.hint{color:var(--dim);font-size:13px;margin-top:6px}
.problem{color:var(--bad);background:var(--badsoft);border-radius:8px;padding:10px 14px;font-weight:600;margin:0 0 16px}
button{min-height:42px;padding:8px 20px;font:inherit;font-weight:600;border-radius:8px;border:1px solid transparent;background:var(--accent);color:var(--on);cursor:pointer}
button:hover{background:var(--hover)}
button.quiet{background:transparent;color:var(--text);border-color:var(--edge)}
button.quiet:hover{background:var(--soft)}
.buttons{display:flex;gap:8px;margin-top:20px}.buttons button{flex:1}
.deny{margin-top:20px}.deny button{width:100%}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
details{margin-top:20px;border-radius:8px;background:var(--demosoft);padding:12px 16px}
details form{padding:12px 0 4px}details .problem{margin:12px 0 14px}
details.person{background:var(--soft)}details.person+.wait{margin-top:20px}.person summary{color:var(--text)}
summary{cursor:pointer;font-weight:600;font-size:14px;color:var(--demo)}
.tag{font-size:12px;font-weight:700;border:1px solid currentColor;border-radius:4px;padding:0 6px;margin-right:6px}
.mock{display:flex;gap:10px;align-items:flex-start;background:var(--demosoft);color:var(--demo);border-radius:8px;padding:10px 14px;font-size:13px;margin-bottom:20px}
.mock .tag{flex:none;margin:1px 0 0}
.find{margin-top:20px}
.choices{list-style:none;margin:14px 0 0;padding:0;display:grid;gap:6px}
.choice{display:block;width:100%;text-align:left;background:transparent;color:var(--text);border-color:var(--line);padding:8px 14px;overflow-wrap:anywhere}
.choice:hover{background:var(--soft);border-color:var(--edge)}
.choice strong{display:block;font-weight:600}.choice span{display:block;color:var(--dim);font-size:13px;font-weight:400}
.none{margin:20px 0 0;color:var(--dim)}
.shared{margin:20px 0 0;padding:14px 16px;background:var(--soft);border-radius:8px;display:grid;gap:8px}
.shared div{display:flex;gap:12px}.shared dt{flex:none;width:84px;color:var(--dim)}.shared dd{margin:0;overflow-wrap:anywhere;min-width:0}
.back{margin-top:20px;font-size:14px;text-align:center}a{color:var(--accent)}
.line+.line{margin-top:8px}
.copy-label{font-weight:600;font-size:14px;margin:20px 0 6px}
.copy{display:block;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:20px;letter-spacing:.12em;background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:12px 14px;user-select:all}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
@media (max-width:480px){body{padding:0;place-items:stretch;background:var(--card)}main{border:0;border-radius:0;box-shadow:none;max-width:none;padding:24px 20px 32px}}
@media (max-width:340px){.row{flex-direction:column}}`;
