import { useTranslation } from 'react-i18next';

import { complain } from '../../shared/problem';
import { sessionChanged, signOut } from '../../shared/session';
import { Frame } from './Frame';
import { NewPassword } from './NewPassword';

/** Before anything else: the password was chosen by somebody else, or has run out. */
export function MustChange() {
  const { t } = useTranslation('auth');
  return (
    <Frame step={1} title={t('must_change_title')} hint={t('must_change_hint')}>
      <NewPassword act={t('password_change')} other={t('logout')} onOther={() => void signOut().catch(complain)} onDone={() => void sessionChanged()} />
    </Frame>
  );
}
