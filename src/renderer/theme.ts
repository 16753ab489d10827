import { Alert, Button, createTheme, Select, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#e6f7fa',
  '#d0edf2',
  '#a3dbe5',
  '#72c8d8',
  '#4cb8cc',
  '#33aec5',
  '#1f9db4',
  '#108096',
  '#0b6b7f',
  '#06535f',
];

/** Mantine's theme, with what WCAG 2.2 AA asks beyond its defaults in both colour schemes. */
export const theme = createTheme({
  primaryColor: 'teal',
  colors: { teal },
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  components: {
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
    Button: Button.extend({ styles: { label: { fontWeight: 500 } } }),
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    // The list itself scrolls, so that who cannot see it is told of it as the list of its box, and not of a box around it.
    Select: Select.extend({
      defaultProps: { withScrollArea: false },
      styles: { options: { maxHeight: 220, overflowY: 'auto' } },
    }),
    Badge: { defaultProps: { tt: 'none' } },
    Tooltip: { defaultProps: { openDelay: 400 } },
  },
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--tandem-focus': 'var(--mantine-color-teal-8)',
    '--tandem-pane': 'var(--mantine-color-gray-0)',
    '--tandem-selected': '#d9eff3',
    '--tandem-hover': 'var(--mantine-color-gray-1)',
    '--tandem-flash': '#fff3bf',
    '--tandem-warning': '#fff4dc',
    '--tandem-warning-line': '#b35c00',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-error': '#ff9b92',
    '--tandem-focus': 'var(--mantine-color-teal-4)',
    '--tandem-pane': 'var(--mantine-color-dark-8)',
    '--tandem-selected': '#123f49',
    '--tandem-hover': 'var(--mantine-color-dark-6)',
    '--tandem-flash': '#4b4211',
    '--tandem-warning': '#3a2c12',
    '--tandem-warning-line': '#ffb454',
  },
});
