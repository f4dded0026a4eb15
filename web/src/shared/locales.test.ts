// B11, Y26: the languages of the page have the same words, and nothing is said in no language.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const WEB = join(import.meta.dirname, '../..');

function keys(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => (typeof inner === 'string' ? [path + key] : keys(inner as object, `${path}${key}.`)));
}

function read(language: string, feature: string): object {
  return JSON.parse(readFileSync(join(WEB, 'locales', language, feature), 'utf8')) as object;
}

describe('the languages', () => {
  it.each(readdirSync(join(WEB, 'locales/en')))('have the same words in %s, and none without words', (feature) => {
    expect(keys(read('it', feature))).toEqual(keys(read('en', feature)));
    expect(JSON.stringify([read('it', feature), read('en', feature)])).not.toContain('""');
  });
});

/** Attributes that people read or hear. */
const READ = new Set(['aria-label', 'aria-valuetext', 'title', 'label', 'placeholder', 'hint', 'description', 'alt', 'error', 'below', 'empty']);

/** Words in a file of the desktop that come from no language file. */
function literals(path: string, source = readFileSync(path, 'utf8')): string[] {
  const found: string[] = [];
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const says = (node: ts.Node, text: string) => {
    if (/\p{L}{2}/u.test(text)) found.push(`${path.slice(WEB.length)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text.trim()}`);
  };
  const inside = (node: ts.Expression | undefined): void => {
    if (!node) return;
    if (ts.isStringLiteralLike(node)) says(node, node.text);
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(inside);
    else if (ts.isTemplateExpression(node)) [node.head, ...node.templateSpans.map((span) => span.literal)].forEach((part) => says(part, part.text));
    else if (ts.isBinaryExpression(node)) {
      if (node.operatorToken.kind !== ts.SyntaxKind.AmpersandAmpersandToken && !ts.isBinaryExpression(node.left)) inside(node.left);
      if (/^(&&|\|\||\?\?|\+)$/.test(node.operatorToken.getText())) inside(node.right);
    }
  };
  const walk = (node: ts.Node): void => {
    if (ts.isJsxText(node)) says(node, node.text);
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) inside(node.expression);
    if (ts.isJsxAttribute(node) && READ.has(node.name.getText())) {
      if (node.initializer && ts.isStringLiteral(node.initializer)) says(node, node.initializer.text);
      if (node.initializer && ts.isJsxExpression(node.initializer)) inside(node.initializer.expression);
    }
    ts.forEachChild(node, walk);
  };
  walk(file);
  return found;
}

describe('the screens', () => {
  const screens = readdirSync(join(WEB, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx') && !name.endsWith('.test.tsx'));

  it('B11: say nothing that has no translation', () => {
    expect(screens.length).toBeGreaterThan(20);
    expect(screens.flatMap((name) => literals(join(WEB, 'src', name)))).toEqual([]);
  });

  it('would be caught saying it', () => {
    const planted = ['<p>Hello</p>', '<p title="Hello" />', "<p>{on ? 'Hello' : t('bye')}</p>", '<p aria-label={`Hello ${name}`} />'];
    expect(planted.map((source) => literals(`${WEB}/planted.tsx`, `const a = ${source};`).length)).toEqual([1, 1, 1, 1]);
  });
});

describe('the server of these words', () => {
  it('refuses nothing without words of ours', () => {
    const api = join(WEB, '../src/api');
    const sources = readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rs')).map((name) => readFileSync(join(api, name), 'utf8'));
    const codes = new Set(sources.flatMap((source) => [...source.matchAll(/(?:Problem::conflict|Self::conflict)\(\s*"(\w+)"|(?:Problem|Self)::new\(\s*StatusCode::\w+,\s*"(\w+)"/g)].map((match) => match[1] ?? match[2]!)));
    expect(codes.size).toBeGreaterThan(10);
    const words = (read('en', 'common.json') as { errors: object }).errors;
    expect([...codes].filter((code) => !(code in words))).toEqual([]);
  });
});

describe('the server', () => {
  it('says nothing of a field that we cannot translate', () => {
    const api = join(WEB, '../src/api');
    const sources = readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rs')).map((name) => readFileSync(join(api, name), 'utf8'));
    const said = new Set(sources.flatMap((source) => [...source.matchAll(/(?:Problem::invalid|\.field)\(\s*"(?!query|body|limit|after|dialplan|calls)[\w.]+",\s*"([^"]+)"/g)].map((match) => match[1]!)));
    expect(said.size).toBeGreaterThan(8);
    const words = Object.values((read('en', 'common.json') as { field_errors: Record<string, string> }).field_errors);
    expect([...said].filter((message) => !words.includes(message))).toEqual([]);
  });

  it('nor what the rules of a setup say, which are the settings’ too', () => {
    const rules = readFileSync(join(WEB, '../desk/store/src/setup/check.rs'), 'utf8').replace(/^\s*\/\/.*$/gm, '').replace(/Names::new\("[^"]*"\)/g, '');
    const literals = [...rules.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replace(/\\"/g, '"'));
    const said = new Set(literals.filter((text) => text === 'empty' || (/\w \w|\w; |\w, \w/.test(text) && !/[{}]/.test(text))));
    expect(said.size).toBeGreaterThan(30);
    const words = Object.values((read('en', 'common.json') as { field_errors: Record<string, string> }).field_errors);
    expect([...said].filter((message) => !words.includes(message))).toEqual([]);
  });
});

describe('what the server calls things', () => {
  /** Names of an enum of the server, as its JSON has them. */
  function names(file: string, name: string): string[] {
    const source = readFileSync(join(WEB, '..', file), 'utf8');
    const inside = new RegExp(`pub enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
    return [...inside.matchAll(/^\s+(?:#\[serde\(rename = "(\w+)"\)\]\s+)?([A-Z]\w+),/gm)].map(([, renamed, variant]) => renamed ?? variant!.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase());
  }
  const model = (file: string) => `desk/model/src/${file}.rs`;

  it.each([
    [model('reason'), 'Reason', 'calls', 'reason'],
    [model('reason'), 'EndedBy', 'calls', 'by'],
    [model('reason'), 'OfferOutcome', 'calls', 'outcome_of'],
    [model('fact'), 'QueueExit', 'calls', 'exit'],
    [model('fact'), 'CallKind', 'calls', 'kinds'],
    [model('fact'), 'Supervision', 'calls', 'mode'],
    [model('entity'), 'AgentState', 'shell', 'state'],
    [model('entity'), 'Role', 'admin', 'roles'],
    [model('entity'), 'Typology', 'admin', 'typologies'],
    [model('entity'), 'Strategy', 'admin', 'strategies'],
    [model('entity'), 'MediaSecurity', 'admin', 'media_securities'],
    [model('permission'), 'Part', 'admin', 'parts'],
    [model('scope'), 'Scope', 'admin', 'scopes'],
    [model('alarm'), 'Alarm', 'shell', 'alarms'],
    ['src/dispatch/phones.rs', 'PhoneRefusedWhy', 'admin', 'phone_refused'],
    ['src/trunks/status.rs', 'TrunkState', 'admin', 'trunk_states'],
    ['src/trunks/status.rs', 'RegistrationState', 'admin', 'registrations'],
    ['desk/store/src/audit.rs', 'Action', 'admin', 'audit.actions'],
  ])('B11: has words of ours: %s, %s', (file, name, feature, path) => {
    const said = names(file, name);
    expect(said.length).toBeGreaterThan(1);
    const words = path.split('.').reduce<Record<string, unknown>>((inner, key) => inner[key] as Record<string, unknown>, read('it', `${feature}.json`) as Record<string, unknown>);
    expect(said.filter((one) => !(one in words))).toEqual([]);
  });

  it('B11: every fact of a call has a line in its timeline', () => {
    const facts = [...readFileSync(join(WEB, '..', model('fact')), 'utf8').matchAll(/#\[serde\(rename = "((?:call|leg|offer|recording)\.\w+)"\)\]/g)].map((match) => match[1]!.replace('.', '_'));
    expect(facts.length).toBeGreaterThan(20);
    const lines = Object.keys((read('it', 'calls.json') as { fact: object }).fact);
    expect(facts.filter((fact) => !lines.some((line) => line === fact || line.startsWith(`${fact}_`)))).toEqual([]);
  });
});

describe('the client', () => {
  it('is generated from the description that is committed', () => {
    const made = execFileSync(process.execPath, ['node_modules/openapi-typescript/bin/cli.js', '../docs/api/openapi.json'], { cwd: WEB, encoding: 'utf8' });
    expect(readFileSync(join(WEB, 'src/api/schema.d.ts'), 'utf8').trim()).toBe(made.trim());
  });
});
