import { IconRobot, IconSettings, IconUser } from '@tabler/icons-react';
import type { Author } from '../../directory/pure.ts';

export function AuthorIcon({ author, size = 14 }: { author: Author; size?: number }) {
  const Icon = author.kind === 'agent' ? IconRobot : author.kind === 'system' ? IconSettings : IconUser;
  return <Icon size={size} aria-label={author.kind === 'agent' ? 'Agent' : author.kind === 'system' ? 'Tandem' : 'Person'} />;
}
