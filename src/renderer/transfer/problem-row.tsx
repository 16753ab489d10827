import { Button, Text } from '@mantine/core';
import type { Problem } from '../../api/index.ts';
import type { Author, Json } from '../../directory/pure.ts';
import { ago, authorName, issueText } from '../words.ts';
import type { Field } from '../people/fields.ts';
import { Side } from './changes-table.tsx';
import { changeName, type Kind } from './words.ts';

interface Props {
  tenant: string;
  kind: Kind;
  fields: readonly Field[];
  /** Absent while it is read. */
  problem: Problem | undefined;
  onOpen: (id: string) => void;
}

/** One row that was not imported, or not all of it: its line, whom it is about, and why. */
export function ProblemRow({ tenant, kind, fields, problem, onOpen }: Props) {
  if (!problem)
    return (
      <span role="cell" aria-label="Loading">
        …
      </span>
    );
  const { line, name, id, kind: sort } = problem;
  return (
    <>
      <div role="cell" className="transfer-line">
        <Text size="sm" c="dimmed">
          line {line.toLocaleString('en')}
        </Text>
      </div>
      <div role="cell" className="wraps">
        <Text size="sm" fw={500}>
          <bdi>{name}</bdi>
        </Text>
      </div>
      <div role="cell" className="wraps">
        {sort === 'conflict' ? (
          <Conflict tenant={tenant} kind={kind} fields={fields} problem={problem} />
        ) : (
          <Text size="sm">
            {problem.path !== undefined && !problem.message.startsWith(problem.path) && (
              <span className="dimmed">{changeName(problem.path, kind, fields)}: </span>
            )}
            {messageText(problem, kind, fields)}
          </Text>
        )}
        {sort === 'conflict' && id !== undefined && (
          <Button variant="default" size="compact-xs" mt={4} onClick={() => onOpen(id)}>
            Open {name}
          </Button>
        )}
      </div>
    </>
  );
}

/** What the directory found wrong, with the field as people call it. */
function messageText({ message, path }: Problem, kind: Kind, fields: readonly Field[]): string {
  const text = path !== undefined && message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  const label = path !== undefined && text !== message ? `${changeName(path, kind, fields)}: ` : '';
  return label + issueText(text);
}

/** Both values of what both have changed: what is here now, and by whom, and what the file says. */
function Conflict({ tenant, kind, fields, problem }: Omit<Props, 'onOpen' | 'problem'> & { problem: Problem }) {
  const { collisions = [], changes = [], message } = problem;
  const whoOf = (path: string): { author: Author; at: string } | undefined =>
    changes.find((change) => change.path === path) ?? changes[0];
  if (collisions.length === 0 && changes.length === 0) return <Text size="sm">{message}</Text>;
  const value = (path: string, after: Json | undefined) => (
    <b>
      <Side tenant={tenant} change={{ path, ...(after !== undefined && { after }) }} side="after" fields={fields} />
    </b>
  );
  return (
    <ul className="transfer-conflict">
      {collisions.map(({ path, base, mine, theirs }) => {
        const who = whoOf(path);
        return (
          <li key={path}>
            <Text size="sm" fw={500}>
              {changeName(path, kind, fields)}
            </Text>
            <dl>
              <dt>Now{who && `, by ${nameIn(who.author)} ${ago(who.at)}`}</dt>
              <dd>{value(path, theirs)}</dd>
              <dt>In the file</dt>
              <dd>{value(path, mine)}</dd>
              <dt>Before</dt>
              <dd>
                <Side
                  tenant={tenant}
                  change={{ path, ...(base !== undefined && { after: base }) }}
                  side="after"
                  fields={fields}
                />
              </dd>
            </dl>
          </li>
        );
      })}
      {collisions.length === 0 &&
        changes.map((change) => (
          <li key={`${change.at} ${change.path}`}>
            <Text size="sm">
              {authorName(change.author)} changed {changeName(change.path, kind, fields).toLowerCase()} {ago(change.at)}:{' '}
              <Side tenant={tenant} change={change} side="before" fields={fields} /> → {value(change.path, change.after)}
            </Text>
          </li>
        ))}
    </ul>
  );
}

function nameIn(author: Author): string {
  const name = authorName(author);
  return name === 'You' ? 'you' : name;
}
