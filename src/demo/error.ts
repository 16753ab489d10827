/** What the demo room refuses; each door maps the code once. */
export class DemoError extends Error {
  readonly code: 'NOT_FOUND' | 'TOO_MANY' | 'EXPIRED' | 'DECLINED' | 'WRONG_CODE' | 'UNAVAILABLE';

  constructor(code: DemoError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
