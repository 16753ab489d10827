/** As much of a browser as a sign-in needs: cookies by path, redirects within one origin, and forms. */
export class CookieBrowser {
  readonly #cookies = new Map<string, { name: string; value: string; path: string }>();
  /** Where it is now. */
  url = new URL('http://127.0.0.1/');
  status = 0;
  html = '';
  /** Every address that it was sent to. */
  readonly seen: string[] = [];

  async visit(address: string | URL, init: RequestInit = {}): Promise<this> {
    this.url = new URL(address, this.url);
    this.seen.push(this.url.href);
    const headers = new Headers(init.headers);
    const sent = [...this.#cookies.values()].filter(({ path }) => this.url.pathname.startsWith(path));
    headers.set('cookie', sent.map(({ name, value }) => `${name}=${value}`).join('; '));
    const response = await fetch(this.url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /; path=([^;]+)/i.exec(line)?.[1] ?? '/';
      this.#cookies.set(`${name} ${path}`, { name, value, path });
    }
    const next = response.headers.get('location');
    this.html = await response.text();
    this.status = response.status;
    return next === null ? this : this.visit(next);
  }

  /** Sends a form of this page. */
  submit(form: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    return this.visit(this.url.pathname, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  }

  /** The page's text, without its markup. */
  get text(): string {
    const [, main = ''] = /<main>([\s\S]*)<\/main>/.exec(this.html) ?? [];
    return main.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  }
}
