import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { languages, speak, type Language } from './i18n';

/** Language and colours; kept by this browser. */
export function Preferences({ language = true }: { language?: boolean }) {
  const { t, i18n } = useTranslation('shell');
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const toggle = t(dark ? 'to_light' : 'to_dark');
  return (
    <>
      {language && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={32} aria-label={t('language')} title={t('language')}>
              <IconLanguage size={18} stroke={1.7} color="var(--ink-2)" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {Object.entries(languages).map(([code, name]) => (
              <Menu.Item key={code} lang={code} fw={i18n.language === code ? 620 : 450} onClick={() => speak(code as Language)}>
                {name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <ActionIcon variant="subtle" color="gray" size={32} aria-label={toggle} title={toggle} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
        {dark ? <IconSun size={18} stroke={1.7} color="var(--ink-2)" /> : <IconMoon size={18} stroke={1.7} color="var(--ink-2)" />}
      </ActionIcon>
    </>
  );
}
