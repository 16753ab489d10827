import { ActionIcon, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { keysText } from '../commands.ts';
import './inbox.css';

const shownMax = 99;

/** Opens the inbox; says how much waits in it, always. */
export function InboxButton({ total, onOpen }: { total: number; onOpen: () => void }) {
  const text = total === 0 ? 'Nothing waits for you' : total === 1 ? '1 waits for you' : `${total} wait for you`;
  return (
    <>
      <Tooltip label={`Inbox: ${text.charAt(0).toLowerCase() + text.slice(1)} (${keysText('alt+I')})`}>
        <ActionIcon
          variant="subtle"
          size="lg"
          className="inbox-button"
          aria-label={total === 0 ? 'Inbox' : `Inbox, ${text}`}
          onClick={onOpen}
        >
          <IconBell size={18} aria-hidden />
          {total > 0 && (
            <span className="inbox-count" aria-hidden>
              {total > shownMax ? `${shownMax}+` : total}
            </span>
          )}
        </ActionIcon>
      </Tooltip>
      <VisuallyHidden role="status" aria-label="Inbox">
        {total > 0 && text}
      </VisuallyHidden>
    </>
  );
}
