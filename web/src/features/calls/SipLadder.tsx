import { Button, Skeleton } from '@mantine/core';
import { IconDownload, IconMessage2Off } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, body, type Schemas } from '../../api/client';
import { Failed } from '../../shared/Failed';
import { Empty } from '../../ui/Empty';
import css from './ladder.module.css';

type Message = Schemas['SipLadderMessage'];

/** Every SIP message of a call as a sequence diagram: the server on the left, a lane for each peer, and the whole message at a click. */
export function SipLadder({ call }: { call: string }) {
  const { t, i18n } = useTranslation('calls');
  const [open, setOpen] = useState<number | null>(null);
  const found = useQuery({
    queryKey: ['calls', 'sip', call],
    queryFn: () => api.GET('/api/v1/calls/{id}/sip', { params: { path: { id: call } } }).then(body),
  });
  if (found.isPending) return <Skeleton height={200} />;
  if (found.isError) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  const messages: Message[] = found.data.items;
  if (messages.length === 0) return <Empty icon={<IconMessage2Off size={26} stroke={1.6} />} title={t('sip.empty')} hint={t('sip.empty_hint')} />;

  const lanes = [...new Set(messages.map((message) => message.remote))];
  const clock = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false });
  const columns = { gridTemplateColumns: `104px repeat(${lanes.length}, minmax(170px, 1fr))` };
  // Arrows say nothing to who cannot see them.
  const said = ({ at, sent, remote, transport, title }: Message) =>
    `${clock.format(new Date(at))} ${t(sent ? 'sip.sent_to' : 'sip.received_from', { peer: remote, transport })} ${title}`;
  return (
    <>
      <div className={css.scroll}>
        <div className={css.ladder}>
          <div className={css.head} style={columns}>
            <span>{t('sip.server')}</span>
            {lanes.map((lane) => (
              <span key={lane}>{lane}</span>
            ))}
          </div>
          <ol aria-label={t('sip.title')}>
            {messages.map((message, index) => (
              <li key={index}>
                <button type="button" className={css.row} style={columns} aria-label={said(message)} aria-expanded={open === index} onClick={() => setOpen(open === index ? null : index)}>
                  <time dateTime={message.at}>{clock.format(new Date(message.at))}</time>
                  {lanes.map((lane) => (
                    <Fragment key={lane}>
                      {lane === message.remote ? (
                        <span className={css.arrow} data-sent={message.sent || undefined} data-failed={/^[456]/.test(message.title) || undefined}>
                          {message.title}
                        </span>
                      ) : (
                        <span className={css.lane} />
                      )}
                    </Fragment>
                  ))}
                </button>
                {open === index && <pre className={css.message} tabIndex={0} aria-label={message.title}>{message.message}</pre>}
              </li>
            ))}
          </ol>
        </div>
      </div>
      <Button component="a" href={`/api/v1/calls/${call}/sip.pcap`} download size="compact-md" variant="default" mt={12} leftSection={<IconDownload size={14} aria-hidden />}>
        {t('sip.download')}
      </Button>
    </>
  );
}
