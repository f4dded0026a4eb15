import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '../theme/base.css';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import '../theme/tokens.css';
import '../shared/i18n';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { Providers } from './providers';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers />
    </StrictMode>,
  );
}
