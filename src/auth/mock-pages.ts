import type { Identity } from './mock-sign-in.ts';
import { html, page, type HtmlPage, type Markup } from './page-frame.ts';

/** Somebody who can be chosen. */
export interface Choice {
  id: string;
  name: string;
  detail: string;
}

/** The mock provider's first page: who do you want to be? */
export function choosePage(view: {
  action: string;
  askedBy: string;
  search: string;
  people: readonly Choice[];
  /** Whether more were found than are shown. */
  hasMore: boolean;
  problem?: string | undefined;
}): HtmlPage {
  const { action, askedBy, search, people, hasMore, problem } = view;
  const found =
    people.length === 0
      ? html`<p class="none" role="status">
          ${search === '' ? 'Nobody in this directory can sign in yet.' : 'Nobody was found. Try another name.'}
        </p>`
      : html`<form method="post" action="${action}">
          <ul class="choices" aria-label="People">
            ${people.map(
              ({ id, name, detail }) =>
                html`<li>
                  <button name="user" value="${id}" class="choice"><strong>${name}</strong><span>${detail}</span></button>
                </li>`,
            )}
          </ul>
          <input type="hidden" name="action" value="choose" />
        </form>`;
  const more = hasMore ? html`<p class="hint">More people are here. Search to find them.</p>` : undefined;
  return page(
    'Choose who signs in',
    html`${mockNote}
      <h1>Who is signing in?</h1>
      <p class="to"><strong>${askedBy}</strong> wants to know who you are. Choose one of the people in the directory.</p>
      ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
      <form method="get" action="${action}" role="search" class="find">
        <label for="q">Search by name</label>
        <div class="row">
          <input
            id="q"
            name="q"
            type="search"
            value="${search}"
            maxlength="100"
            autocomplete="off"
            spellcheck="false"
            autofocus
          />
          <button class="quiet">Search</button>
        </div>
      </form>
      ${found} ${more}
      <form class="deny" method="post" action="${action}">
        <button name="action" value="deny" class="quiet">Do not sign in</button>
      </form>`,
  );
}

/** Its second page: may the tool know it? */
export function mockConsentPage(view: { action: string; askedBy: string; user: string; identity: Identity }): HtmlPage {
  const { action, askedBy, user, identity } = view;
  const shared: [string, string | undefined][] = [
    ['Name', identity.name],
    ['Email', identity.email],
    ['Identifier', identity.sub],
  ];
  return page(
    'Share who you are',
    html`${mockNote}
      <h1>Share who you are?</h1>
      <p class="to">You are <strong>${identity.name}</strong>. <strong>${askedBy}</strong> would learn this, and nothing else:</p>
      <dl class="shared">
        ${shared.flatMap(([label, value]): Markup[] =>
          value === undefined
            ? []
            : [
                html`<div>
                  <dt>${label}</dt>
                  <dd>${value}</dd>
                </div>`,
              ],
        )}
      </dl>
      <p class="hint">It gets no access to the directory with it.</p>
      <form method="post" action="${action}">
        <input type="hidden" name="user" value="${user}" />
        <div class="buttons">
          <button name="action" value="deny" class="quiet">Do not share</button>
          <button name="action" value="allow">Share</button>
        </div>
      </form>
      <p class="back"><a href="${action}">Choose somebody else</a></p>`,
  );
}

const mockNote = html`<p class="mock">
  <span class="tag">Demo</span>A mock sign-in: it asks for no password. Never use it to protect anything.
</p>`;
