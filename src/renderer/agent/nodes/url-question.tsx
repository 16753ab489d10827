import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import type { Question } from '../../../api/index.ts';
import { isWebAddress } from './markdown.tsx';
import type { Given } from './question-card.tsx';

interface Props {
  question: Question;
  isSending: boolean;
  onAnswer: (given: Given) => void;
}

/** A page to visit: whose it is stands there before it is opened, and nothing is opened without a click. */
export function UrlQuestion({ question: { url = '' }, isSending, onAnswer }: Props) {
  const [isOpened, setOpened] = useState(false);
  if (!isWebAddress(url))
    return (
      <Stack gap="xs">
        <Text size="sm">The address that was given is none of the web, so it is not opened.</Text>
        <Group>
          <Button variant="default" size="compact-sm" disabled={isSending} onClick={() => onAnswer({ action: 'decline' })}>
            Decline
          </Button>
        </Group>
      </Stack>
    );
  const { host } = new URL(url);
  return (
    <Stack gap="xs">
      <Text size="sm" className="wraps">
        A page of <strong className="host">{host}</strong>
        {isOwnHost(host) ? ', which is this computer,' : ''} opens in your browser. Go on only if you know it.
      </Text>
      <Text size="xs" c="dimmed" className="address" title={url}>
        {url}
      </Text>
      {isOpened && (
        <Group gap={8} role="status">
          <Loader size={14} aria-hidden />
          <Text size="sm">Waiting for you to finish there.</Text>
        </Group>
      )}
      <Group gap="xs">
        <Button
          component="a"
          href={url}
          target="_blank"
          rel="noreferrer noopener"
          size="compact-sm"
          variant={isOpened ? 'default' : 'filled'}
          rightSection={<IconExternalLink size={14} aria-hidden />}
          onClick={() => setOpened(true)}
        >
          {isOpened ? 'Open again' : 'Open the page'}
        </Button>
        {isOpened && (
          <Button size="compact-sm" loading={isSending} onClick={() => onAnswer({ action: 'accept' })}>
            I am done there
          </Button>
        )}
        <Button variant="default" size="compact-sm" disabled={isSending} onClick={() => onAnswer({ action: 'decline' })}>
          Decline
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          disabled={isSending}
          onClick={() => onAnswer({ action: 'cancel' })}
        >
          Put aside
        </Button>
      </Group>
    </Stack>
  );
}

function isOwnHost(host: string): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);
}
