import { ActionIcon, Button, Code, CopyButton, Modal, NativeSelect } from '@mantine/core';
import { IconCheck, IconCopy, IconLink } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body } from '../../api/client';
import { Failed } from '../../shared/Failed';
import { fully } from '../../shared/format';
import { complain } from '../../shared/problem';
import css from './recordings.module.css';

/** How long a link may be good for, in hours. */
const HOURS = [1, 24, 168, 720] as const;

/** Links by which others may hear one recording: made, shown once, taken back. */
export function Links({ recording }: { recording: string }) {
  const { t } = useTranslation('recordings');
  const [opened, open] = useState(false);
  return (
    <>
      <ActionIcon variant="default" size={32} onClick={() => open(true)} aria-label={t('links.title')} title={t('links.title')}>
        <IconLink size={17} stroke={1.7} />
      </ActionIcon>
      <Modal opened={opened} onClose={() => open(false)} title={t('links.title')} centered size={560} closeButtonProps={{ 'aria-label': t('links.close') }}>
        {opened && <Dialog recording={recording} />}
      </Modal>
    </>
  );
}

function Dialog({ recording }: { recording: string }) {
  const { t, i18n } = useTranslation('recordings');
  const queries = useQueryClient();
  const key = ['recordings', 'links', recording];
  const path = { id: recording };
  const [hours, choose] = useState('24');
  const links = useQuery({ queryKey: key, queryFn: () => api.GET('/api/v1/recordings/{id}/links', { params: { path } }).then(body) });
  const stale = () => void queries.invalidateQueries({ queryKey: key });
  const make = useMutation({ mutationFn: () => api.POST('/api/v1/recordings/{id}/links', { params: { path }, body: { hours: Number(hours) } }).then(body), onError: complain, onSettled: stale });
  const revoke = useMutation({ mutationFn: (link: string) => api.DELETE('/api/v1/recordings/{id}/links/{link}', { params: { path: { id: recording, link } } }).then(body), onError: complain, onSuccess: (_, link) => link === make.data?.id && make.reset(), onSettled: stale });
  const made = make.data && `${location.origin}${make.data.path}`;
  return (
    <div className={css.links}>
      <p>{t('links.what')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <NativeSelect label={t('links.good_for')} value={hours} onChange={(event) => choose(event.currentTarget.value)} data={HOURS.map((value) => ({ value: String(value), label: t(`links.hours_${value}`) }))} />
        <Button type="submit" loading={make.isPending}>
          {t('links.make')}
        </Button>
      </form>
      {made && (
        <>
          <p role="status">{t('links.once')}</p>
          <Code block tabIndex={0} aria-label={t('links.link')}>
            {made}
          </Code>
          <CopyButton value={made}>
            {({ copied, copy }) => (
              <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
                {t(copied ? 'links.copied' : 'links.copy')}
              </Button>
            )}
          </CopyButton>
        </>
      )}
      {links.isError && <Failed error={links.error} onRetry={() => void links.refetch()} />}
      {links.data?.length === 0 && <p className="meta">{t('links.none')}</p>}
      <ul>
        {links.data?.map((link) => (
          <li key={link.id}>
            <span>
              {t('links.until', { at: fully(link.expires_at, i18n.language), by: link.made_by_name ?? '–' })}
              <small className="meta">{link.opened_at ? t('links.opened', { at: fully(link.opened_at, i18n.language) }) : t('links.unopened')}</small>
            </span>
            <Button size="compact-sm" variant="default" aria-label={t('links.revoke_which', { at: fully(link.expires_at, i18n.language) })} loading={revoke.isPending && revoke.variables === link.id} onClick={() => revoke.mutate(link.id)}>
              {t('links.revoke')}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
