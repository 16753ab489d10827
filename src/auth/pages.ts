import { operatorTenant, type Scope, type Tenant } from '../directory/index.ts';
import type { ApprovalRequest } from './auth.ts';
import type { IdentityScope } from './claims.ts';
import { html, page, type HtmlPage, type Markup } from './page-frame.ts';

const scopeWords: Record<Scope, string> = {
  'scim:read': 'See the people of one tenant',
  'scim:write': 'Add, change and delete people there; each change is recorded under its name',
  'scim:admin':
    'Rename, suspend or delete the tenant with everyone in it, for good. ' +
    'Allowed for “default”, it can do that to every tenant, and add new ones',
};

const identityWords: Record<IdentityScope, string> = {
  profile: 'the name and profile',
  email: 'the email address',
  phone: 'the phone number',
  address: 'the postal address',
  groups: 'the groups',
};

/** The first page: what is asked for, waiting for the window, and the way to decide here. */
export function signInPage(view: {
  request: ApprovalRequest;
  sampleTenants: readonly Tenant[];
  problem?: string | undefined;
  /** What was wrong with the demo sign-in. */
  demoProblem?: string | undefined;
  /** What was wrong with a user name or password. */
  personProblem?: string | undefined;
}): HtmlPage {
  const { request, sampleTenants, problem, demoProblem, personProblem } = view;
  const action = actionOf(request);
  // Who only wants to know who somebody is can be told so by anybody of the directory.
  const isSignIn = request.scopes.length === 0;
  const person = isSignIn || request.identity.length > 0 ? personForm(action, personProblem, isSignIn) : undefined;
  return page(
    isSignIn ? 'Sign in' : 'Allow access',
    html`${asked(request)} ${isSignIn ? person : undefined}
      <div class="wait" role="status">
        <span class="dot"></span>
        <p id="wait">
          ${isSignIn ? 'The administrator can also allow this in Tandem’s window.' : 'Waiting for the administrator to allow this in Tandem’s window.'}
        </p>
      </div>
      <noscript
        ><p class="hint">Allowed there? <a href="${action}">Continue</a></p></noscript
      >
      <p class="or">${isSignIn ? 'or, as the administrator' : 'or allow it here'}</p>
      ${alert(problem)}
      <form method="post" action="${action}">
        <label for="code">Sign-in code</label>
        <div class="row">
          <input
            id="code"
            class="code"
            name="code"
            required
            maxlength="20"
            placeholder="XXXX-XXXX"
            autocomplete="off"
            spellcheck="false"
            autocapitalize="characters"
            aria-describedby="hint"
            ${problem === undefined ? '' : 'autofocus'}
          />
          <button name="action" value="sign-in">Sign in</button>
        </div>
        <p class="hint" id="hint">Tandem’s window shows it, and <code>tandem serve</code> prints it.</p>
      </form>
      ${isSignIn ? undefined : person} ${sampleTenants.length === 0 ? undefined : demo(action, sampleTenants, demoProblem)}
      <form class="deny" method="post" action="${action}"><button name="action" value="deny" class="quiet">Deny</button></form>`,
    poll(action),
  );
}

/** The second page, after the right code: which tenant, and yes or no. Only here can one see which tenants there are. */
export function allowPage(view: {
  request: ApprovalRequest;
  ticket: string;
  tenants: readonly Tenant[];
  problem?: string | undefined;
}): HtmlPage {
  const { request, ticket, tenants, problem } = view;
  const action = actionOf(request);
  return page(
    'Allow access',
    html`${asked(request)} ${alert(problem)}
      <form method="post" action="${action}">
        <input type="hidden" name="ticket" value="${ticket}" />
        <label for="tenant">Tenant</label>
        <select id="tenant" name="tenant" aria-describedby="hint" autofocus>
          ${options(tenants, asksForAdministration(request) ? ' (manages every tenant)' : '', request.remembered?.tenant)}
        </select>
        <p class="hint" id="hint">
          It reaches ${asksForAdministration(request) ? 'the people of this tenant' : 'this tenant'} only. You are signed in as
          the administrator, for this request.
        </p>
        <div class="buttons">
          <button name="action" value="deny" class="quiet">Deny</button>
          <button name="action" value="allow">Allow</button>
        </div>
      </form>`,
    poll(action),
  );
}

/** The page for a sign-in that cannot go on. */
export function errorPage(code: string, description = ''): HtmlPage {
  const forMenders = errorWords[code] && description ? `${code}: ${description}` : code;
  return page(
    'Sign-in stopped',
    html`<h1>This sign-in cannot go on</h1>
      <p>${errorWords[code] ?? sentence(description)}</p>
      <p class="hint">
        Go back to the program that you came from and connect again. For whoever mends it: <code>${forMenders}</code>
      </p>`,
  );
}

/** For errors whose own description only a developer understands. */
const errorWords: Record<string, string> = {
  invalid_client: 'Tandem does not know this program. It must register again: remove its sign-in there, then connect anew.',
  invalid_redirect_uri: 'The program asked to be answered at an address that it has not registered.',
};

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  if (start === '') return 'The request was not valid.';
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

function asked({ clientName, redirectHost, onDevice, scopes, identity, remembered }: ApprovalRequest): Markup {
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(redirectHost);
  const where = onDevice
    ? html`It runs on <strong>another device</strong>, or in a terminal, whose code was typed. Allow it only if that was you.`
    : isLocal
      ? html`It answers at <strong>${redirectHost}</strong>, so it runs on this computer. Allow it only if you have just started
          it.`
      : redirectHost.endsWith(':')
        ? html`It answers with the link <strong>${redirectHost}</strong>, which an app on this computer opens. Allow it only if
            you have just started it.`
        : html`The access goes to <strong>${redirectHost}</strong>. Allow it only if you know where that leads.`;
  const shown = asksForAdministration({ scopes }) ? (Object.keys(scopeWords) as Scope[]) : scopes;
  const learns = identity.map((scope) => identityWords[scope]);
  const known = learns.length > 1 ? `${learns.slice(0, -1).join(', ')} and ${learns.at(-1)}` : learns.join('');
  return html`<h1>${scopes.length === 0 ? html`Sign in to ${clientName}` : html`${clientName} asks for access`}</h1>
    <p class="to">${where}</p>
    ${remembered && html`<p class="to">You allowed it as much before, on ${remembered.at.slice(0, 10)}, for ${remembered.tenant}.</p>`}
    <ul class="may" aria-label="It will be able to">
      ${scopes.length === 0 && identity.length === 0 ? html`<li>${check}<span>Know who signed in, and nothing else</span></li>` : undefined}
      ${identity.length > 0 ? html`<li>${check}<span>Know who signed in, with ${known}</span></li>` : undefined}
      ${shown.map((scope) => html`<li class="${scope === 'scim:admin' ? 'grave' : ''}">${scope === 'scim:admin' ? caution : check}<span>${scopeWords[scope]}</span></li>`)}
    </ul>`;
}

function asksForAdministration({ scopes }: Pick<ApprovalRequest, 'scopes'>): boolean {
  return scopes.includes('scim:admin');
}

const check = html`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3 8.5l3.2 3.2L13 5" /></svg>`;

const caution = html`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
  <path d="M8 2.5L14.5 13.5H1.5zM8 6.5v3.2M8 11.7v.1" />
</svg>`;

/** @param isFirst where nothing but who somebody is was asked for: then it is what most come for. */
function personForm(action: string, problem: string | undefined, isFirst: boolean): Markup {
  return html`<details ${isFirst || problem !== undefined ? 'open' : ''} class="person">
    <summary>Sign in with your password</summary>
    <form method="post" action="${action}">
      ${isFirst ? undefined : html`<p class="hint">It then learns who you are. Access to the directory is the administrator’s to give.</p>`}
      ${alert(problem)}
      <label for="person-tenant">Organisation</label>
      <input
        id="person-tenant"
        name="tenant"
        required
        maxlength="63"
        value="default"
        autocomplete="organization"
        spellcheck="false"
        autocapitalize="none"
      />
      <label for="person">User name</label>
      <input id="person" name="user" required maxlength="256" autocomplete="username" spellcheck="false" autocapitalize="none" />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password" />
      <div class="buttons"><button name="action" value="person">Sign in</button></div>
    </form>
  </details>`;
}

function demo(action: string, sampleTenants: readonly Tenant[], problem: string | undefined): Markup {
  return html`<details ${problem === undefined ? '' : 'open'}>
    <summary><span class="tag">Demo</span>Sign in as a person of the sample</summary>
    <form method="post" action="${action}">
      <p class="hint">
        Sample data needs no password, to show signing in. Your own tenants are never open like this, and nobody can give
        administration here.
      </p>
      ${alert(problem)}
      <label for="demo-tenant">Sample tenant</label>
      <select id="demo-tenant" name="tenant">
        ${options(sampleTenants)}
      </select>
      <label for="user">User name</label>
      <input id="user" name="user" required maxlength="256" autocomplete="off" spellcheck="false" autocapitalize="none" />
      <div class="buttons"><button name="action" value="demo">Sign in and allow</button></div>
    </form>
  </details>`;
}

/** @param ofOperator what stands after the name of the operator's tenant. */
function options(tenants: readonly Tenant[], ofOperator = '', chosen?: string): Markup[] {
  return tenants.map(({ id, name }) => {
    const text = html`${name}${id === operatorTenant ? ofOperator : ''}`;
    return id === chosen ? html`<option value="${id}" selected>${text}</option>` : html`<option value="${id}">${text}</option>`;
  });
}

function alert(problem: string | undefined): Markup | undefined {
  return problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`;
}

function actionOf({ id }: ApprovalRequest): string {
  return `/oauth/interaction/${encodeURIComponent(id)}`;
}

/** Goes on by itself when the decision has been made in the window. A form that was sent goes first. */
function poll(action: string): string {
  return `
    let sent = false;
    addEventListener('submit', () => { sent = true; });
    const poll = async () => {
      try {
        const response = await fetch(${JSON.stringify(`${action}/state`)});
        if (sent) return;
        if (response.ok && (await response.json()).decided) return location.replace(${JSON.stringify(action)});
        if (response.status === 410) {
          const wait = document.getElementById('wait');
          if (wait) {
            wait.textContent = 'This request has ended. Go back to the program and connect again.';
            wait.parentElement.classList.add('ended');
          }
          return;
        }
      } catch {}
      setTimeout(poll, 1000);
    };
    setTimeout(poll, 1000);`;
}
