import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { complain } from '../../shared/problem';
import { signOut } from '../../shared/session';
import css from './auth.module.css';
import { Frame } from './Frame';
import { SetUpSecondFactor } from './SetUpSecondFactor';

/** Before anything else: the site asks a second factor of this person, who has none. */
export function MustSetSecondFactor() {
  const { t } = useTranslation('auth');
  return (
    <Frame step={1} title={t('second_title')} hint={t('second_must')}>
      <SetUpSecondFactor onDone={() => undefined} />
      <div className={css.last}>
        <Button variant="subtle" onClick={() => void signOut().catch(complain)}>
          {t('logout')}
        </Button>
      </div>
    </Frame>
  );
}
