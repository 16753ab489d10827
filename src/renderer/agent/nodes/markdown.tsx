import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { memo, type ComponentProps, type ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';

const plugins = [remarkGfm];

/**
 * A text of the agent with its markup. It may have come from anywhere: HTML in it is shown as text, nothing is loaded, and a
 * link leads only to the web, in the person's browser.
 */
export const MarkdownText = memo(function MarkdownText({ text }: { text: string }) {
  return (
    <div className="markdown">
      <Markdown remarkPlugins={plugins} components={components} urlTransform={webAddress}>
        {text}
      </Markdown>
    </div>
  );
});

/** @returns an address of the web as it is, and nothing for any other. */
function webAddress(address: string): string {
  return isWebAddress(address) ? address : '';
}

/** Whether an address may be opened in the person's browser. */
export function isWebAddress(address: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** Headings of an answer are none of the window. */
const Heading = ({ children }: { children?: ReactNode }) => <p className="markdown-heading">{children}</p>;

const components: Components = {
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noreferrer noopener" title={href}>
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  img: ({ alt }) => <span className="markdown-image">[Picture{alt ? `: ${alt}` : ''}]</span>,
  input: ({ checked }) => <span>{checked ? '☑' : '☐'}</span>,
  table: ({ children }) => (
    // Scrollable, so it must be reachable from the keyboard.
    <div className="markdown-table" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  pre: CodeBlock,
};

function CodeBlock({ children }: ComponentProps<'pre'>) {
  return (
    <div className="markdown-code">
      <pre tabIndex={0}>{children}</pre>
      <CopyButton value={textIn(children)}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon
              className="markdown-copy"
              size="sm"
              variant="default"
              aria-label={copied ? 'Copied' : 'Copy this code'}
              onClick={copy}
            >
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}

function textIn(node: ReactNode): string {
  if (typeof node === 'string') return node;
  if (Array.isArray(node)) return node.map((one: ReactNode) => textIn(one)).join('');
  if (typeof node === 'object' && node !== null && 'props' in node)
    return textIn((node.props as { children?: ReactNode }).children);
  return '';
}
