import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The window's page, with the headers under which it may run. The same for both shells. */
export interface WindowPage {
  html: string;
  headers: Record<string, string>;
}

/**
 * Reads the window's page once.
 * @param files the built renderer's folder, with `index.html` in it.
 * @returns a function that makes the page for one load, with a nonce of its own.
 */
export function windowPage(files: string): () => WindowPage {
  const template = readFileSync(join(files, 'index.html'), 'utf8');
  return () => {
    const nonce = randomBytes(16).toString('base64');
    return {
      html: template.replaceAll('__CSP_NONCE__', nonce),
      headers: { ...pageHeaders(nonce), 'cache-control': 'no-store' },
    };
  };
}

/**
 * Headers of every page and file of the window. Nothing comes from elsewhere, and nothing runs or styles that is written into the page: React sets styles
 * as properties, which no policy forbids, and the stylesheets that Mantine adds have the page's nonce.
 */
export function pageHeaders(nonce: string): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
