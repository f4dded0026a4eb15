import { Button, Skeleton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import { getCoreRowModel, getSortedRowModel, useReactTable, type ColumnDef } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import css from './DataGrid.module.css';

export interface Column<Row> {
  id: string;
  title: string;
  /** What is sorted by; what is shown too, without `cell`. */
  value: (row: Row) => string | number | null | undefined;
  cell?: (row: Row) => ReactNode;
  /** A track of a CSS grid. */
  width: string;
  align?: 'end';
  /** What a file holds in its place, where that is another; `stamp` writes a moment as the site's clock has it. */
  file?: (row: Row, stamp: (at: string) => string) => string | number | null | undefined;
  /** Only for the eye: not in a file. */
  silent?: boolean;
  /** Stays in view at the end of the row, however far the table is scrolled. */
  sticky?: boolean;
  /** The source has no such order. */
  unsorted?: boolean;
}

export interface Sort {
  by: string;
  desc: boolean;
}

interface DataGridProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  sort: Sort;
  /** The rows come in that order already: more of them exist than are here. */
  sorted?: boolean;
  onSort: (sort: Sort) => void;
  loading?: boolean;
  empty: ReactNode;
  current?: string;
  /** More pages exist. */
  onMore?: () => void;
  loadingMore?: boolean;
  /** Rows of two lines. */
  tall?: boolean;
}

const ROW = 38;
const TALL = 46;

/** The one table of every list: only the rows in view are drawn; any column sorts. */
export function DataGrid<Row>({ label, columns, rows, rowKey, sort, sorted: bySource, onSort, loading, empty, current, onMore, loadingMore, tall }: DataGridProps<Row>) {
  const { t } = useTranslation();
  const height = tall ? TALL : ROW;
  const scroller = useRef<HTMLDivElement>(null);
  const definitions = useMemo<ColumnDef<Row>[]>(
    () => columns.map(({ id, value }) => ({ id, accessorFn: (row) => value(row) ?? undefined, sortUndefined: 'last', sortingFn: 'auto' })),
    [columns],
  );
  const sorting = useMemo(() => [{ id: sort.by, desc: sort.desc }], [sort.by, sort.desc]);
  const table = useReactTable({
    data: rows,
    columns: definitions,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    state: { sorting },
    manualSorting: bySource,
    // Nothing here has pages; resetting one at each new order draws for ever.
    autoResetPageIndex: false,
  });
  const sorted = table.getRowModel().rows;
  const virtual = useVirtualizer({ count: sorted.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 12, initialRect: { width: 1200, height: 600 } });
  const look = ({ align, sticky }: Column<Row>) => [css.cell, align && css.end, sticky && css.sticky].filter(Boolean).join(' ');
  const tracks = { '--columns': columns.map((column) => column.width).join(' ') } as React.CSSProperties;

  return (
    <>
      <div ref={scroller} className={css.scroll} role="region" aria-label={label} tabIndex={0}>
        <div className={css.table} role="table" aria-label={label} aria-rowcount={rows.length + 1} aria-busy={loading} style={tracks}>
          <div role="rowgroup" className={css.head}>
            <div role="row" aria-rowindex={1} className={`${css.row}`} style={{ height: '100%' }}>
              {columns.map((column) => {
                const on = sort.by === column.id;
                const Icon = !on ? IconArrowsSort : sort.desc ? IconArrowDown : IconArrowUp;
                return (
                  <div key={column.id} role="columnheader" aria-sort={column.unsorted ? undefined : on ? (sort.desc ? 'descending' : 'ascending') : 'none'} className={look(column)}>
                    {column.unsorted ? (
                      column.title
                    ) : (
                      <button type="button" className={css.sort} data-on={on || undefined} title={t('sort', { column: column.title })} onClick={() => onSort({ by: column.id, desc: on ? !sort.desc : false })}>
                        {column.title}
                        <Icon size={12} stroke={1.8} aria-hidden />
                      </button>
                    )}
                  </div>
                );
              })}
            </div>
          </div>
          {loading ? (
            <div role="rowgroup">
              {Array.from({ length: 8 }, (_, index) => (
                <div key={index} role="row" className={css.row} style={{ height }}>
                  {columns.map((column) => (
                    <div key={column.id} role="cell" className={look(column)}>
                      <Skeleton height={10} width="70%" />
                    </div>
                  ))}
                </div>
              ))}
            </div>
          ) : (
            <div role="rowgroup" className={css.body} style={{ height: virtual.getTotalSize() }}>
              {virtual.getVirtualItems().map((item) => {
                const row = sorted[item.index]?.original;
                if (!row) return null;
                const key = rowKey(row);
                return (
                  <div key={key} role="row" aria-rowindex={item.index + 2} className={`${css.row} ${css.line}`} data-current={key === current || undefined} style={{ height, transform: `translateY(${item.start}px)` }}>
                    {columns.map((column) => (
                      <div key={column.id} role="cell" className={look(column)}>
                        {column.cell ? column.cell(row) : (column.value(row) ?? t('dash'))}
                      </div>
                    ))}
                  </div>
                );
              })}
            </div>
          )}
        </div>
        {!loading && rows.length === 0 && empty}
      </div>
      {(rows.length > 0 || onMore) && (
        <div className={css.foot}>
          <span>{t(onMore ? 'more_exist' : 'all_shown', { count: rows.length })}</span>
          {onMore && (
            <Button size="compact-sm" variant="default" onClick={onMore} loading={loadingMore}>
              {t('more')}
            </Button>
          )}
        </div>
      )}
    </>
  );
}
