import { createApiReference } from '@scalar/api-reference';
import '@scalar/api-reference/style.css';

import './reference.css';

/** The API's own description, shown. Nothing of it comes from, or goes to, another host. */
createApiReference('#reference', {
  url: '/api/v1/openapi.json',
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
});
