import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';
import i18next from 'i18next';

const accent: MantineColorsTuple = ['#eef0ff', '#dcdffd', '#bcc1fa', '#9aa0f7', '#7b82f1', '#666eec', '#5058e5', '#454cd6', '#3b41bd', '#30359c'];

/** The kit's greys of the dark side, from ink to ground. */
const dark: MantineColorsTuple = ['#e8ebf2', '#b0b8c8', '#8d97ab', '#5c667a', '#242a37', '#1e2430', '#14171f', '#14171f', '#0f121a', '#0c0e14'];

/** The cross of a notice has no words of its own. Looked up when it is drawn, in the language of then. */
const closeButtonProps = {
  get 'aria-label'() {
    return i18next.t('common:close');
  },
};

export const theme = createTheme({
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  colors: { accent, dark },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: 8,
  fontSizes: { xs: '11px', sm: '13px', md: '13.5px' },
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: { Notification: { defaultProps: { closeButtonProps } }, Menu: { defaultProps: { withInitialFocusPlaceholder: false } }, Modal: { defaultProps: { lockScroll: false } }, Drawer: { defaultProps: { lockScroll: false } } },
});

/** Mantine's own variables, taken from our tokens: one palette, one place. */
const shared = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--surface-2)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line)',
  '--mantine-color-error': 'var(--bad-ink)',
};

export const variables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
