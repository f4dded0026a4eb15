import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const forbid = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } });
const features = ['abandoned', 'admin', 'auth', 'calls', 'dashboard', 'recordings'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts', 'test-results', 'playwright-report'] },
  ...tseslint.configs.recommended,
  hooks.configs.flat['recommended-latest'],
  // The compiler is not in use; that a table cannot be memoized is no news.
  { rules: { 'react-hooks/incompatible-library': 'off' } },
  // Who may know whom: ui <- features <- app. What is live knows no React.
  forbid(['src/ui/**'], [{ group: ['**/features/**', '**/app/**', '**/live/**', '**/api/**'], message: 'ui has no business words.' }]),
  forbid(['src/live/**', 'src/api/**', 'src/softphone/**'], [{ group: ['react', 'react-dom', '**/features/**', '**/app/**', '**/ui/**'], message: 'No React here.' }]),
  ...features.map((own) =>
    forbid([`src/features/${own}/**`], [
      { group: ['**/app/**', ...features.filter((other) => other !== own).map((other) => `**/${other}/**`)], message: 'Features do not know each other, nor the shell.' },
    ]),
  ),
);
