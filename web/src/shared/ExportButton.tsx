import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Column } from '../ui/DataGrid';
import { csv, save } from './csv';
import { stamp } from './format';
import { complain } from './problem';
import { useSession } from './session';

/** Rows of one file. Beyond it the period is to be narrowed: the page says so, and the file's name. */
const MOST = 50_000;

interface ExportButtonProps<Row> {
  name: string;
  columns: Column<Row>[];
  /** A page of the list as it is filtered and put in order, and where the next begins. */
  page: (after?: string) => Promise<{ items: Row[]; next?: string | null }>;
  /** What the page leaves out of what came, if anything. */
  fits?: (row: Row) => boolean;
}

/** Writes the whole list, not only what is loaded, into a CSV file: moments by the site's clock, with its offset; durations in whole seconds. */
export function ExportButton<Row>({ name, columns, page, fits = () => true }: ExportButtonProps<Row>) {
  const { t, i18n } = useTranslation();
  const zone = useSession().data?.time_zone ?? 'UTC';
  const write = useMutation({
    mutationFn: async () => {
      const rows: Row[] = [];
      let after: string | undefined;
      do {
        const found = await page(after);
        rows.push(...found.items.filter(fits));
        after = found.next ?? undefined;
      } while (after !== undefined && rows.length < MOST);
      const cut = after !== undefined || rows.length > MOST;
      const told = columns.filter((column) => !column.silent);
      save(csv(told.map((column) => column.title), rows.slice(0, MOST).map((row) => told.map((column) => (column.file ? column.file(row, (at) => stamp(at, zone)) : column.value(row))))), cut ? `${name}-first-${MOST}-rows.csv` : `${name}.csv`);
      if (cut) notifications.show({ message: t('export_cut', { rows: MOST.toLocaleString(i18n.language) }), color: 'yellow', autoClose: false, withBorder: true });
    },
    onError: complain,
  });
  return (
    <Button variant="default" leftSection={<IconFileSpreadsheet size={16} stroke={1.7} />} loading={write.isPending} onClick={() => write.mutate()}>
      {t('export')}
    </Button>
  );
}
