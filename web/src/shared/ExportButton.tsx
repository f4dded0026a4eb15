import { Button } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Column } from '../ui/DataGrid';
import { csv, save } from './csv';
import { complain } from './problem';

/** Rows of one file. Beyond it the period is to be narrowed. */
const MOST = 50_000;

interface ExportButtonProps<Row> {
  name: string;
  columns: Column<Row>[];
  /** A page of the list as it is filtered and put in order, and where the next begins. */
  page: (after?: string) => Promise<{ items: Row[]; next?: string | null }>;
  /** What the page leaves out of what came. */
  fits: (row: Row) => boolean;
}

/** Writes the whole list, not only what is loaded, into a CSV file. */
export function ExportButton<Row>({ name, columns, page, fits }: ExportButtonProps<Row>) {
  const { t } = useTranslation();
  const write = useMutation({
    mutationFn: async () => {
      const rows: Row[] = [];
      let after: string | undefined;
      do {
        const found = await page(after);
        rows.push(...found.items.filter(fits));
        after = found.next ?? undefined;
      } while (after !== undefined && rows.length < MOST);
      const told = columns.filter((column) => !column.silent);
      save(csv(told.map((column) => column.title), rows.slice(0, MOST).map((row) => told.map((column) => column.value(row)))), `${name}.csv`);
    },
    onError: complain,
  });
  return (
    <Button variant="default" leftSection={<IconFileSpreadsheet size={16} stroke={1.7} />} loading={write.isPending} onClick={() => write.mutate()}>
      {t('export')}
    </Button>
  );
}
