import { IconCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { takeMe } from '../live/desk';
import { complain } from '../shared/problem';
import css from './shell.module.css';

/** The time after a call: it ends by itself, or here. */
export function WrapUp() {
  const { t } = useTranslation('shell');
  const finish = useMutation({ mutationFn: () => api.POST('/api/v1/me/end-wrapup').then(body), onSuccess: takeMe, onError: complain });
  return (
    <button type="button" className={css.act} disabled={finish.isPending} onClick={() => finish.mutate()}>
      <IconCheck size={18} stroke={1.9} aria-hidden />
      {t('dock.finish')}
    </button>
  );
}
