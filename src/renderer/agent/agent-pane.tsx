import { useSessionStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { diff, nameOf } from '../../directory/pure.ts';
import { trpc } from '../connection.ts';
import { draftKey, drafts, useDraft } from '../editor/drafts.ts';
import { withValue } from '../editor/values.ts';
import type { Opened } from '../navigation.ts';
import './agent.css';
import { Composer } from './composer.tsx';
import { ConversationList } from './conversation-list.tsx';
import { ConversationView, NoConversation } from './conversation-view.tsx';
import { conversations, useConversation } from './conversations.ts';
import { openConversation, sendPrompt, useCurrentConversation } from './current.ts';
import { PaneHead } from './pane-head.tsx';
import { rowsOf } from './rows.ts';
import { Suggestions } from './suggestions.tsx';

interface Props {
  tenant: string;
  openId: string | undefined;
  onOpen: (to: Opened) => void;
  onModels: () => void;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  /** Whether the list of conversations is shown instead of one of them. */
  isListing: boolean;
  onListing: (isListing: boolean) => void;
}

/** The assistant: its conversations, and the one that is open. It works on the directory as any AI client does. */
export function AgentPane({ tenant, openId, onOpen, onModels, inputRef, isListing, onListing }: Props) {
  const stored = useCurrentConversation(tenant);
  const list = useQuery({ ...trpc.assistant.list.queryOptions({ tenant }), enabled: stored === undefined });
  const isUnknown = stored === undefined && list.isSuccess;
  const newest = list.data?.[0]?.id;
  useEffect(() => {
    if (isUnknown) openConversation(tenant, newest);
  }, [tenant, isUnknown, newest]);
  const id = stored === '' ? undefined : stored;
  const { conversation, error } = useConversation(tenant, id);
  const rows = useMemo(() => (conversation ? rowsOf(conversation) : []), [conversation]);
  const draft = useDraft(draftKey(tenant, openId ?? ''));
  /** What is typed and not sent, which outlives a reload. */
  const [text, setText] = useSessionStorage({
    key: `tandem.prompt ${tenant} ${id ?? ''}`,
    defaultValue: '',
    getInitialValueInEffect: false,
  });
  const [sent, setSent] = useState(0);
  const latestOpen = useRef(onOpen);
  latestOpen.current = onOpen;
  const openSteadily = useMemo(() => (to: Opened) => latestOpen.current(to), []);
  const latestModels = useRef(onModels);
  latestModels.current = onModels;
  const modelsSteadily = useMemo(() => () => latestModels.current(), []);

  const name = draft ? nameOf(draft.mine) : undefined;
  const ask = async (text: string) => {
    const focus = openId !== undefined && name !== undefined ? { focus: { id: openId, name: name.slice(0, 500) } } : undefined;
    onListing(false);
    await sendPrompt(tenant, text, focus);
    setSent((count) => count + 1);
  };
  /** The agent changes what the person is changing; without a draft, one is begun, so that there is something to collide. */
  const play = async () => {
    if (openId === undefined || !draft) return;
    const key = draftKey(tenant, openId);
    if (diff(draft.base.resource, draft.mine).length === 0) {
      const title = typeof draft.mine['title'] === 'string' ? draft.mine['title'] : '';
      drafts.dispatch(key, { type: 'edit', mine: withValue(draft.mine, ['title'], `${title} (my edit)`.trim()), path: 'title' });
    }
    const now = drafts.get(key);
    const fields = now ? diff(now.base.resource, now.mine).map(({ path }) => path) : [];
    onListing(false);
    await sendPrompt(tenant, 'Show me a conflict.', {
      scenario: 'conflict',
      userId: openId,
      fields: fields.slice(0, 20),
    });
    setSent((count) => count + 1);
  };
  const canPlay = draft !== undefined && draft.theirs === undefined && draft.deleted === undefined;
  const isEmpty = id === undefined || (conversation !== undefined && rows.length === 0);
  return (
    <>
      <PaneHead
        key={`head ${id ?? ''}`}
        tenant={tenant}
        context={id === undefined ? undefined : conversation?.context}
        nodes={conversation?.nodes ?? []}
        isListing={isListing}
        onListing={onListing}
        onNew={() => {
          openConversation(tenant);
          onListing(false);
          inputRef.current?.focus();
        }}
      />
      {isListing ? (
        <ConversationList
          tenant={tenant}
          openId={id}
          onOpen={(chosen) => {
            openConversation(tenant, chosen);
            onListing(false);
          }}
        />
      ) : isEmpty ? (
        <Suggestions
          name={name}
          onAsk={(text) => void ask(text).catch(() => undefined)}
          onType={(text) => {
            setText(text);
            inputRef.current?.focus();
          }}
        />
      ) : conversation ? (
        <ConversationView
          key={`view ${conversation.context.id}`}
          tenant={tenant}
          conversation={conversation}
          rows={rows}
          sent={sent}
          onOpen={openSteadily}
          onModels={modelsSteadily}
          inputRef={inputRef}
        />
      ) : (
        <NoConversation
          error={error}
          onRetry={() => void (id !== undefined && conversations.read(tenant, id))}
          onNew={() => openConversation(tenant)}
        />
      )}
      <Composer
        tenant={tenant}
        id={id}
        conversation={conversation}
        text={text}
        onText={setText}
        inputRef={inputRef}
        onAsk={ask}
        onModels={onModels}
        play={draft === undefined ? undefined : { isPossible: canPlay, run: play }}
      />
    </>
  );
}
