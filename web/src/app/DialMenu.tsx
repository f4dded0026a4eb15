import { Menu } from '@mantine/core';
import { IconArrowForwardUp, IconCopy, IconPhoneCall, IconUserQuestion } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, body } from '../api/client';
import { useDialling } from '../shared/dialling';
import { complain } from '../shared/problem';
import { useDesk } from '../shared/useDesk';
import { order } from './orders';

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true };

/** What can be done with the number that was clicked: call it, or give the call at hand to it. */
export function DialMenu() {
  const { t } = useTranslation('shell');
  const chosen = useDialling((state) => state.chosen);
  const agent = useDesk((desk) => desk.me?.agent);
  const call = useMutation({ mutationFn: ({ number, abandoned }: { number: string; abandoned?: string }) => api.POST('/api/v1/calls', { body: { number, abandoned_call: abandoned } }).then(body), onError: complain });
  const give = useMutation({ mutationFn: ({ id, number, ask }: { id: string; number: string; ask: boolean }) => (ask ? order.consult(id, { number }) : order.transfer(id, { number })), onError: complain });
  const close = () => {
    useDialling.setState({ chosen: null });
    chosen?.at.focus();
  };
  if (!chosen) return null;

  const { number, abandoned } = chosen;
  const box = chosen.at.getBoundingClientRect();
  const talking = agent?.state === 'talking' ? agent.call : undefined;
  const free = agent?.phone && (agent.state === 'available' || agent.state === 'paused' || agent.state === 'wrap_up');
  return (
    <Menu opened onClose={close} position="bottom-start" shadow="md" width={230} trapFocus returnFocus={false}>
      <Menu.Target>
        <button type="button" tabIndex={-1} aria-label={t('dial.label', { number })} style={{ position: 'fixed', left: box.left, top: box.top, width: box.width, height: box.height, opacity: 0, pointerEvents: 'none' }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={t('dial.label', { number })}>
        <Menu.Label>{number}</Menu.Label>
        {talking ? (
          <>
            <Menu.Item leftSection={<IconArrowForwardUp {...ICON} />} onClick={() => give.mutate({ id: talking, number, ask: false })}>
              {t('dial.transfer')}
            </Menu.Item>
            <Menu.Item leftSection={<IconUserQuestion {...ICON} />} onClick={() => give.mutate({ id: talking, number, ask: true })}>
              {t('dial.consult')}
            </Menu.Item>
          </>
        ) : (
          <Menu.Item leftSection={<IconPhoneCall {...ICON} />} disabled={!free} onClick={() => call.mutate({ number, abandoned })}>
            {t(free || !agent ? 'dial.call' : 'dial.busy')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconCopy {...ICON} />} onClick={() => void navigator.clipboard?.writeText(number)}>
          {t('dial.copy')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
