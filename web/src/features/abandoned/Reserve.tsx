import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ApiError, body } from '../../api/client';
import { complain } from '../../shared/problem';
import { useDesk } from '../../shared/useDesk';
import css from './abandoned.module.css';
import type { AbandonedRow } from './columns';

/** How long a page says that a colleague was first, milliseconds: the row goes on saying it as long as it is true. */
const STANDS = 10_000;

/** The switch that makes an abandoned call one's own, or everybody's again. A colleague's is not ours to touch; supervisors may free it. */
export function Reserve({ call }: { call: AbandonedRow }) {
  const { t } = useTranslation('abandoned');
  const client = useQueryClient();
  const me = useDesk((desk) => desk.me);
  const on = call.reserved;
  const mine = on && call.reserved_by?.login === me?.login;
  const may = on ? mine || me?.role !== 'agent' : Boolean(me?.agent);
  const toggle = useMutation({
    mutationFn: () => {
      const path = { params: { path: { id: call.id } } };
      return (on ? api.DELETE('/api/v1/abandoned-calls/{id}/reservation', path) : api.PUT('/api/v1/abandoned-calls/{id}/reservation', path)).then(body);
    },
    onError: (error) => {
      const by = error instanceof ApiError && error.code === 'reserved' ? error.detail : undefined;
      if (by) notifications.show({ message: t('taken', { name: by }), color: 'red', autoClose: STANDS, withBorder: true });
      else complain(error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['abandoned'] }),
  });
  if (call.served_by && !on) return <>–</>;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      className={css.switch}
      disabled={!may || toggle.isPending}
      aria-label={t('reserve', { number: call.number })}
      title={on && !mine ? (call.reserved_by?.name ?? t('by_nobody')) : undefined}
      onClick={() => toggle.mutate()}
    />
  );
}
