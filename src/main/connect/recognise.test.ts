import { expect, test } from 'vitest';
import { recognise, type SelfDescription } from './recognise.ts';

test.each<[SelfDescription, ReturnType<typeof recognise>]>([
  [{ info: 'claude-ai' }, 'claude-desktop'],
  [{ info: 'claude-ai (via mcp-remote 0.15.1)' }, 'claude-desktop'],
  [{ info: 'claude-code' }, 'claude-code'],
  [{ name: 'Claude Code (tandem)' }, 'claude-code'],
  [{ name: 'https://claude.ai/oauth/claude-code-client-metadata' }, 'claude-code'],
  [{ info: 'Visual Studio Code' }, 'vs-code'],
  [{ name: 'Visual Studio Code - Insiders' }, 'vs-code'],
  // It says what it is made of.
  [{ info: 'cursor-vscode' }, 'cursor'],
  [{ name: 'Cursor', redirects: ['cursor://anysphere.cursor-mcp/oauth/callback'] }, 'cursor'],
  [{ name: 'My IDE', redirects: ['https://vscode.dev/redirect', 'http://127.0.0.1/'] }, 'vs-code'],
  [{ name: 'Precursor' }, 'other'],
  [{ info: 'mcp-inspector', name: 'Claudette' }, 'other'],
  [{}, 'other'],
])('%j is %s', (description, kind) => expect(recognise(description)).toBe(kind));
