import type { Rule } from '../intent.ts';

/** Understands what is asked about approvals, proposals of other agents, and past conflicts. */
export const inbox: Rule = (text) => {
  if (/^(?:what|which changes?|is anything|is there anything|who)\b.*\b(?:waits?|waiting|pending|approval|inbox)\b/i.test(text))
    return { kind: 'inbox' };
  if (/^(?:show|list|show me) (?:the |all |my |your )*(?:inbox|pending|open|waiting)\b.*$/i.test(text)) return { kind: 'inbox' };
  if (/^(?:what (?:do|did) (?:the )?other agents|what are you asked|(?:list|show) (?:the )?proposals)/i.test(text))
    return { kind: 'proposals' };
  const answered =
    /^(accept|agree to|decline|reject|refuse) (?:the |that |this )?(?:proposal|proposed change)(?: (?:about|for|of|on) (.+))?$/i.exec(
      text,
    );
  if (answered?.[1]) {
    const [, word, about] = answered;
    return {
      kind: 'answer',
      answer: /^(?:accept|agree)/i.test(word) ? 'accept' : 'decline',
      ...(about !== undefined && { about }),
    };
  }
  const withdrawn =
    /^(?:withdraw|take back|cancel) (?:the |your |my |that )?(?:request|question|pending change|waiting change)(?: (?:about|for|of|on|to) (.+))?$/i.exec(
      text,
    );
  if (withdrawn) return { kind: 'withdraw', ...(withdrawn[1] !== undefined && { about: withdrawn[1] }) };
  if (/^approve\b/i.test(text)) return { kind: 'approve' };
  return /^(?:what|which|show|list|how many)\b.*\bconflicts?\b/i.test(text) ? { kind: 'conflicts' } : undefined;
};
