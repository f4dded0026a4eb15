import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import enAbandoned from '../../locales/en/abandoned.json';
import enAdmin from '../../locales/en/admin.json';
import enAuth from '../../locales/en/auth.json';
import enCalls from '../../locales/en/calls.json';
import enCommon from '../../locales/en/common.json';
import enDashboard from '../../locales/en/dashboard.json';
import enDispose from '../../locales/en/dispose.json';
import enRecordings from '../../locales/en/recordings.json';
import enShell from '../../locales/en/shell.json';
import itAbandoned from '../../locales/it/abandoned.json';
import itAdmin from '../../locales/it/admin.json';
import itAuth from '../../locales/it/auth.json';
import itCalls from '../../locales/it/calls.json';
import itCommon from '../../locales/it/common.json';
import itDashboard from '../../locales/it/dashboard.json';
import itDispose from '../../locales/it/dispose.json';
import itRecordings from '../../locales/it/recordings.json';
import itShell from '../../locales/it/shell.json';

const en = { abandoned: enAbandoned, admin: enAdmin, auth: enAuth, calls: enCalls, common: enCommon, dashboard: enDashboard, dispose: enDispose, recordings: enRecordings, shell: enShell };
const it: typeof en = { abandoned: itAbandoned, admin: itAdmin, auth: itAuth, calls: itCalls, common: itCommon, dashboard: itDashboard, dispose: itDispose, recordings: itRecordings, shell: itShell };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof en;
  }
}

export const languages = { en: 'English', it: 'Italiano' } as const;
export type Language = keyof typeof languages;

const KEY = 'carillon.language';

function first(): Language {
  const wanted = localStorage.getItem(KEY) ?? navigator.language.slice(0, 2);
  return wanted in languages ? (wanted as Language) : 'en';
}

i18next.on('languageChanged', (language) => {
  document.documentElement.lang = language;
});

// Everything is at hand: no language file is waited for.
void i18next.use(initReactI18next).init({
  resources: { en, it },
  lng: first(),
  fallbackLng: 'en',
  ns: Object.keys(en),
  defaultNS: 'common',
  interpolation: { escapeValue: false },
});

export function speak(language: Language): void {
  localStorage.setItem(KEY, language);
  void i18next.changeLanguage(language);
}

/** A key made from what the server said; without words for it, what it said. */
export function has(key: string): boolean {
  return i18next.exists(key);
}
