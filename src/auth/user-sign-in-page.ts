import { html, page, type HtmlPage } from './page-frame.ts';

/** The page on which a person tells a client who they are. */
export function userSignInPage(view: {
  action: string;
  /** What the client is called. */
  askedBy: string;
  tenantName: string;
  /** Whether people without a password can sign in, since it is sample data. */
  isDemo: boolean;
  problem?: string | undefined;
  demoProblem?: string | undefined;
}): HtmlPage {
  const { action, askedBy, tenantName, isDemo, problem, demoProblem } = view;
  return page(
    'Sign in',
    html`<h1>${askedBy} wants to know who you are</h1>
      <p class="to">
        Sign in only if you have just been asked to, by that program and on this computer. It learns your name, user name and
        email address, and gets no access.
      </p>
      <p class="line">Organisation: <strong>${tenantName}</strong></p>
      <form class="find" method="post" action="${action}">
        ${alert(problem)}
        <label for="user">User name</label>
        <input id="user" name="user" required maxlength="256" autocomplete="username" spellcheck="false" autocapitalize="none" />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password" />
        <div class="buttons"><button name="action" value="person">Sign in</button></div>
      </form>
      ${
        isDemo
          ? html`<details ${demoProblem === undefined ? '' : 'open'}>
              <summary><span class="tag">Demo</span>Sign in as a person of the sample</summary>
              <form method="post" action="${action}">
                <p class="hint">Sample data needs no password, to show signing in.</p>
                ${alert(demoProblem)}
                <label for="demo-user">User name</label>
                <input
                  id="demo-user"
                  name="user"
                  required
                  maxlength="256"
                  autocomplete="off"
                  spellcheck="false"
                  autocapitalize="none"
                />
                <div class="buttons"><button name="action" value="demo">Sign in</button></div>
              </form>
            </details>`
          : undefined
      }
      <form class="deny" method="post" action="${action}">
        <button name="action" value="deny" class="quiet">Do not tell</button>
      </form>`,
  );
}

function alert(problem: string | undefined) {
  return problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`;
}
