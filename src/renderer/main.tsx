import { Button, Center, MantineProvider, Stack, Text, Title } from '@mantine/core';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { setNonce } from 'get-nonce';
import { Component, StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Shell } from '../preload/index.ts';
import { App } from './app.tsx';
import { queryClient } from './connection.ts';
import { Notices } from './notices.tsx';
import './styles.css';
import { cssVariablesResolver, theme } from './theme.ts';

declare global {
  interface Window {
    /** The desktop shell; not there in a browser. */
    tandem?: Shell;
  }
}

/** A failure of the window itself: drafts are in the session's storage, so loading it again loses nothing. */
class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Center h="100%" p="md">
        <Stack>
          <Title order={1} size="h3">
            The window has a fault
          </Title>
          <Text>Your edits are kept. Load the window again to go on.</Text>
          <Button onClick={() => location.reload()}>Load again</Button>
        </Stack>
      </Center>
    );
  }
}

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
setNonce(nonce);
const root = document.querySelector('#root');
if (!root) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notices />
        <Boundary>
          <App />
        </Boundary>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
