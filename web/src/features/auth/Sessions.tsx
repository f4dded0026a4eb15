import { Button, Modal, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { Failed } from '../../shared/Failed';
import { fully } from '../../shared/format';
import { complain } from '../../shared/problem';
import { browser } from './browser';
import css from './auth.module.css';

const KEY = ['sessions'];

/** Where one is signed in, and an end to what one does not know. */
export function Sessions({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(['auth', 'common']);
  return (
    <Modal opened={opened} onClose={onClose} title={t('sessions')} centered size={520} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {opened && <List />}
    </Modal>
  );
}

function List() {
  const { t, i18n } = useTranslation('auth');
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: KEY, queryFn: () => api.GET('/api/v1/me/sessions').then(body), staleTime: 0 });
  const end = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } }).then(body),
    onError: complain,
    onSettled: () => void queries.invalidateQueries({ queryKey: KEY }),
  });
  if (sessions.isPending) return <Skeleton height={58} radius={10} aria-label={t('sessions')} />;
  if (sessions.isError) return <Failed error={sessions.error} onRetry={() => void sessions.refetch()} />;
  const at = (moment: string) => fully(moment, i18n.language);
  return (
    <>
      <p className="meta">{t('sessions_hint')}</p>
      <ul className={css.sessions}>
        {sessions.data.map((session) => {
          const where = [browser(session.program) ?? t(`session_kind.${session.kind as 'desktop'}`), session.address].filter(Boolean).join(' · ');
          return (
            <li key={session.id}>
              <div>
                <b>{where}</b>
                <small>
                  {t('session_since', { at: at(session.since) })}, {session.current ? t('session_here') : t('session_seen', { at: at(session.last_seen_at) })}
                  {session.phone && `, ${t('session_phone', { phone: session.phone })}`}
                </small>
              </div>
              {!session.current && (
                <Button size="xs" variant="default" loading={end.isPending && end.variables === session.id} aria-label={t('session_end_which', { where })} onClick={() => end.mutate(session.id)}>
                  {t('session_end')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
