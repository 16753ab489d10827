import { Text, Title } from '@mantine/core';
import type { PastResource } from '../../api/index.ts';
import { diff, nameOf } from '../../directory/pure.ts';
import { ValueText } from '../editor/value-text.tsx';
import { AuthorIcon } from '../history/author-icon.tsx';
import { momentText } from '../history/words.ts';
import { byName, labelOf } from '../words.ts';

/** The head of a person or group of then: the name, and who had left it so. */
export function PastHead({ found: { resource, author, at } }: { found: PastResource }) {
  return (
    <div className="past-head">
      <Title order={2} size="h3" lineClamp={2} className="wraps">
        <bdi>{nameOf(resource)}</bdi>
      </Title>
      <div className="last-change">
        <AuthorIcon author={author} />
        As {byName(author)} left it on {momentText(at)}
      </div>
    </div>
  );
}

/** Every field that had a value. */
export function PastFields({ tenant, found: { resource } }: { tenant: string; found: PastResource }) {
  return (
    <dl className="past-fields">
      {diff(undefined, resource).map(({ path, after }) => (
        <div key={path}>
          <Text component="dt" size="xs" c="dimmed">
            {labelOf(path)}
          </Text>
          <Text component="dd" size="sm" className="wraps" m={0}>
            <ValueText tenant={tenant} path={path} value={after} />
          </Text>
        </div>
      ))}
    </dl>
  );
}
