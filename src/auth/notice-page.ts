import { html, page, type HtmlPage } from './page-frame.ts';

/** A page that says how something ended. */
export interface Notice {
  title: string;
  lines: readonly string[];
  /** Something to copy, and what it is. */
  code?: { label: string; text: string } | undefined;
  link?: { href: string; label: string } | undefined;
}

/** A page in Tandem's look for other rooms, which have only words to say. */
export function noticePage({ title, lines, code, link }: Notice): HtmlPage {
  return page(
    title,
    html`<h1>${title}</h1>
      ${lines.map((line) => html`<p class="line">${line}</p>`)}
      ${
        code &&
        html`<p class="copy-label" id="code-label">${code.label}</p>
          <output class="copy" aria-labelledby="code-label">${code.text}</output>`
      }
      ${link && html`<p class="back"><a href="${link.href}">${link.label}</a></p>`}`,
  );
}
