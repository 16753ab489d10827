import { html, Markup, page, type HtmlPage } from './page-frame.ts';

/** Where a person types the code that a device shows (RFC 8628 §3.3). @param fields what the provider wants to be sent. */
export function deviceCodePage(view: { fields: string; problem?: string | undefined; code?: string | undefined }): HtmlPage {
  const { fields, problem, code = '' } = view;
  return page(
    'Connect a device',
    html`<h1>Connect a device</h1>
      <p class="to">Type the code that the device or the program shows.</p>
      ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
      <form method="post" action="/oauth/device">
        ${new Markup(fields)}
        <label for="user_code">Code</label>
        <div class="row">
          <input
            id="user_code"
            class="code"
            name="user_code"
            required
            maxlength="20"
            placeholder="XXXX-XXXX"
            value="${code}"
            autocomplete="off"
            spellcheck="false"
            autocapitalize="characters"
            autofocus
          />
          <button>Continue</button>
        </div>
      </form>`,
  );
}

/** Asks whether the code is the one that the person sees on a device of theirs (RFC 8628 §5.4). */
export function deviceConfirmPage(view: { fields: string; clientName: string; code: string }): HtmlPage {
  const { fields, clientName, code } = view;
  return page(
    'Connect a device',
    html`<h1>Is this your device?</h1>
      <p class="to"><strong>${clientName}</strong> should show this code. Go on only if you have just started it yourself.</p>
      <output class="copy">${code}</output>
      <form method="post" action="/oauth/device">
        ${new Markup(fields)}
        <div class="buttons">
          <button name="abort" value="yes" class="quiet" formnovalidate>No, stop</button>
          <button name="confirm" value="yes">Yes, it shows this code</button>
        </div>
      </form>`,
  );
}

/** The end of a sign-in on another device. */
export function deviceDonePage(clientName: string): HtmlPage {
  return page(
    'Connected',
    html`<h1>${clientName} is connected</h1>
      <p>You can close this page and go back to the device.</p>`,
  );
}

/** The end of a sign-out that leads to no other page. */
export function signedOutPage(): HtmlPage {
  return page(
    'Signed out',
    html`<h1>You are signed out</h1>
      <p>Tandem keeps no one signed in to this browser. You can close this page.</p>`,
  );
}

/** The provider's hidden fields without its own form around them. */
export function hiddenFields(form: string): string {
  return [...form.matchAll(/<input type="hidden"[^>]*>/g)]
    .map(([field]) => field)
    .filter((field) => !field.includes('name="confirm"'))
    .join('');
}
