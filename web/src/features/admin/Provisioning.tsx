import { Button, Code, CopyButton, Modal } from '@mantine/core';
import { IconCheck, IconCopy, IconQrcode } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';

import { api, body, type Schemas } from '../../api/client';
import { fully } from '../../shared/format';
import { words } from '../../shared/problem';
import css from './admin.module.css';

/** Sets a telephone up: a new password and where to register, to be typed or to be scanned by a softphone. */
export function Provisioning({ id }: { id: string }) {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [opened, open] = useState(false);
  const make = useMutation({
    mutationFn: () => api.POST('/api/v1/phones/{id}/provisioning', { params: { path: { id } } }).then(body),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['setup', 'phones', id] }),
  });
  const close = () => {
    open(false);
    make.reset();
  };
  return (
    <section className={css.below} aria-labelledby="provisioning">
      <h2 id="provisioning">{t('provisioning.title')}</h2>
      <p>{t('provisioning.what')}</p>
      <div className={css.add}>
        <Button variant="default" leftSection={<IconQrcode size={17} stroke={1.7} />} onClick={() => open(true)}>
          {t('provisioning.open')}
        </Button>
      </div>
      <Modal opened={opened} onClose={close} title={t('provisioning.title')} centered size={560} closeButtonProps={{ 'aria-label': t('provisioning.close') }}>
        <div className={css.stack}>
          {make.isError && (
            <p className={css.error} role="alert">
              {words(make.error)}
            </p>
          )}
          {make.data ? (
            <Settings told={make.data} onDone={close} />
          ) : (
            <>
              <p>{t('provisioning.warning')}</p>
              <Button loading={make.isPending} onClick={() => make.mutate()}>
                {t('provisioning.make')}
              </Button>
            </>
          )}
        </div>
      </Modal>
    </section>
  );
}

function Settings({ told, onDone }: { told: Schemas['Provisioning']; onDone: () => void }) {
  const { t, i18n } = useTranslation('admin');
  const url = `${location.origin}${told.path}`;
  const lines = [
    `${t('provisioning.user')}: ${told.user}`,
    `${t('provisioning.password')}: ${told.password}`,
    ...told.registrars.map(({ address, transport }) => `${t('provisioning.registrar')}: ${address} (${transport.toUpperCase()})`),
    `${t('provisioning.realm')}: ${told.realm}`,
  ].join('\n');
  return (
    <>
      <p role="status">{t('provisioning.once')}</p>
      <Code block tabIndex={0} aria-label={t('provisioning.settings')} data-testid="provisioning">
        {lines}
      </Code>
      <CopyButton value={lines}>
        {({ copied, copy }) => (
          <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
            {t(copied ? 'keys.copied' : 'provisioning.copy')}
          </Button>
        )}
      </CopyButton>
      <p>{t('provisioning.scan', { at: fully(told.expires_at, i18n.language) })}</p>
      <img className={css.qr} alt={t('provisioning.qr')} src={`data:image/svg+xml,${encodeURIComponent(renderSVG(url, { border: 2 }))}`} />
      <Code block tabIndex={0} aria-label={t('provisioning.link')}>
        {url}
      </Code>
      <Button onClick={onDone}>{t('keys.done')}</Button>
    </>
  );
}
