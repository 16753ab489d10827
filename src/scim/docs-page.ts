import { hash } from 'node:crypto';
import { groupSchemas, userSchemas, type Attribute, type Schema } from '../directory/index.ts';
import { operationDocs, parameterDocs, refusalDocs, type OperationDoc } from './operations.ts';

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --soft: color-mix(in srgb, currentColor 6%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
code, .method { font: 0.9em ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.8rem; border-radius: 6px; overflow-x: auto; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.4rem 0; padding: 0.4rem 0.8rem; }
summary { cursor: pointer; } summary:focus-visible { outline: 2px solid; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; margin: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.6rem 0.25rem 0; border-bottom: 1px solid var(--line); }
.sub td:first-child { padding-left: 1.2rem; }
`;

/**
 * Writes the page that shows people what the door takes: the same data as the OpenAPI document, without scripts and without
 * anything from elsewhere.
 * @returns the page, and the Content-Security-Policy that lets nothing but its style in.
 */
export function docsPage({ origin, version }: { origin: string; version: string }): { html: string; policy: string } {
  const tags = [...new Set(operationDocs.map(({ tag }) => tag))];
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tandem SCIM 2.0</title><style>${style}</style></head>
<body>
<h1>Tandem SCIM 2.0</h1>
<p>Version ${escape(version)}. Users and groups over HTTP, as RFC 7643 and RFC 7644 say, below <code>${escape(origin)}/scim/v2</code>.
For programs there is the <a href="openapi.json">OpenAPI document</a>.</p>
<pre>curl -H 'Authorization: Bearer KEY' ${escape(origin)}/scim/v2/Users?count=2</pre>
<p>The key decides the tenant; clients whose configuration names it use <code>/scim/v2/t/TENANT</code>. Every resource has an
<code>ETag</code>. Send it back as <code>If-Match</code> with a change, and if somebody else was faster, nothing is written:
the answer is 412, and tells who changed what since, and, where nothing overlaps, both together.</p>
${tags
  .map(
    (tag) =>
      `<h2>${escape(tag)}</h2>${operationDocs
        .filter((operation) => operation.tag === tag)
        .map(operationHtml)
        .join('')}`,
  )
  .join('')}
<h2>Refusals</h2>
<table><tbody>${Object.entries(refusalDocs)
    .map(([status, text]) => `<tr><td><code>${status}</code></td><td>${escape(text)}</td></tr>`)
    .join('')}</tbody></table>
${[userSchemas, groupSchemas].flatMap(({ core, extensions }) => [core, ...extensions].map(schemaHtml)).join('')}
</body>
</html>
`;
  return {
    html,
    policy: `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  };
}

function operationHtml({ method, path, summary, parameters, body, answer, refusals }: OperationDoc): string {
  const [status, schema] = answer;
  const rows = parameters.map((key) => {
    const { name, in: place, description } = parameterDocs[key];
    return `<tr><td><code>${escape(name)}</code></td><td>${place}</td><td>${escape(description)}</td></tr>`;
  });
  return `<details><summary><span class="method">${method.toUpperCase()}</span> <code>${escape(path)}</code> ${escape(summary)}</summary>
${rows.length > 0 ? `<table><thead><tr><th>Parameter</th><th>In</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table>` : ''}
<p>${body ? `Body: <code>${body}</code>. ` : ''}Answer: <code>${status}</code>${schema ? ` <code>${schema}</code>` : ''}.
${refusals.length > 0 ? `Refusals of its own: ${refusals.map((code) => `<code>${code}</code>`).join(', ')}.` : ''}</p></details>`;
}

function schemaHtml({ id, name, attributes }: Schema): string {
  return `<h2>${escape(name)}</h2><p><code>${escape(id)}</code></p>
<table><thead><tr><th>Attribute</th><th>Type</th><th></th></tr></thead><tbody>${attributes.map((attribute) => attributeHtml(attribute)).join('')}</tbody></table>`;
}

function attributeHtml(attribute: Attribute, isSub = false): string {
  const { name, type, multiValued, required, mutability, description, subAttributes = [] } = attribute;
  const marks = [multiValued && 'several', required && 'required', mutability !== 'readWrite' && mutability].filter(Boolean);
  const what = [type, ...marks].join(', ');
  return `<tr${isSub ? ' class="sub"' : ''}><td><code>${escape(name)}</code></td><td>${what}</td><td>${escape(description)}</td></tr>${subAttributes
    .map((sub) => attributeHtml(sub, true))
    .join('')}`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
