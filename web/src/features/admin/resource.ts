import type { TFunction } from 'i18next';
import type { ComponentType } from 'react';

import type { Column } from '../../ui/DataGrid';

/** What a form holds: text as it was typed, or a choice made. */
export type Values = Record<string, string | boolean>;
export type Words = TFunction<['admin']>;

/** What can be wrong with a value before the server sees it; a key of `admin.wrong`. */
export type Wrong = 'empty' | 'name' | 'short' | 'number' | 'host' | 'port' | 'dialled' | 'pin';

/** One setting, and how it is asked for. Its words are `admin.fields.<words or name>`. */
export interface Field {
  /** As the API names it. */
  name: string;
  kind: 'text' | 'password' | 'number' | 'choice' | 'several' | 'switch';
  words?: string;
  /** A sentence below the label stands in `admin.hints.<words or name>`. */
  hint?: boolean;
  required?: boolean;
  /** Values and the words for them. */
  choices?: (t: Words, from: Sources) => { value: string; label: string }[];
  check?: (value: string) => Wrong | undefined;
  /** Asked for only then. */
  when?: (values: Values) => boolean;
}

/** Names that choices are made of. */
export interface Sources {
  trunks: string[];
  /** Short names and the words for them. */
  queues: { value: string; label: string }[];
  /** Dispositions that others may stand below. */
  parents: { value: string; label: string }[];
}

/** What every stored entity has. */
export interface Kept {
  id: string;
  version: number;
}

/** An entity as it is stored, and as its form shows it. A change is sent on top of what was read, so that settings a form does not know stay. */
export interface Stored<Raw extends Kept = Kept> {
  raw: Raw;
  values: Values;
}

/** A kind of thing an administrator sets up: its list, its form, its operations. */
export interface Resource<Row = unknown, Raw extends Kept = Kept> {
  /** In the address, in query keys and in the words. */
  kind: string;
  list: () => Promise<Row[]>;
  id: (row: Row) => string;
  title: (row: Row) => string;
  /** `rows`: the whole list, for what a row says of another. */
  columns: (t: Words, language: string, rows: unknown[]) => Column<Row>[];
  read: (id: string) => Promise<Stored<Raw>>;
  create: (values: Values) => Promise<{ id: string }>;
  update: (raw: Raw, values: Values) => Promise<unknown>;
  remove: (id: string) => Promise<unknown>;
  /** The name of a stored one. */
  name: (values: Values) => string;
  fresh: Values;
  fields: Field[];
  /** It changes by itself: asked for anew every few seconds. */
  refreshes?: boolean;
  /** What will come of what the form holds. */
  preview?: ComponentType<{ values: Values }>;
  /** What else belongs to a stored one. */
  below?: ComponentType<{ id: string }>;
}

export const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value.trim() : '');
/** Nothing typed is nothing set. */
export const optional = (value: string | boolean | undefined) => text(value) || null;
/** Several choices in one text, as a form keeps them. */
export const joined = (values: readonly string[] | undefined) => (values ?? []).join(',');
export const several = (value: string | boolean | undefined) => text(value).split(',').map((one) => one.trim()).filter(Boolean);
export const DIALS = ['internal', 'national', 'international', 'premium'] as const;
/** How audio is kept from others: choices of phones and trunks alike. */
export const securities: NonNullable<Field['choices']> = (t) => (['clear', 'optional', 'required', 'required_dtls'] as const).map((value) => ({ value, label: t(`media_securities.${value}`) }));
export const whole = (value: string | boolean | undefined) => Number(text(value));
/** Forms speak of seconds, the API of milliseconds. */
export const milliseconds = (value: string | boolean | undefined) => Math.round(Number(text(value)) * 1000);
export const seconds = (ms: number | null | undefined) => (ms == null ? '' : String(ms / 1000));

/** Letters, digits and + - _ . @: what stands in SIP addresses, dialplans and links. */
export const number = (value: string): Wrong | undefined => (/^\+?[0-9]{2,32}$/.test(value) ? undefined : 'dialled');
export const pin = (value: string): Wrong | undefined => (/^[0-9]{4,12}$/.test(value) ? undefined : 'pin');
export const plain = (value: string): Wrong | undefined => (/^[A-Za-z0-9+\-_.@]{1,100}$/.test(value) ? undefined : 'name');
export const secret = (value: string): Wrong | undefined => ([...value].length >= 8 ? undefined : 'short');
export const count = (value: string): Wrong | undefined => (/^\d{1,9}$/.test(value) ? undefined : 'number');
export const duration = (value: string): Wrong | undefined => (/^\d{1,6}(\.\d{1,3})?$/.test(value) ? undefined : 'number');
export const port = (value: string): Wrong | undefined => (/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65535 ? undefined : 'port');
/** An IP address or a domain name; the server looks closer. */
export const host = (value: string): Wrong | undefined => (/^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/.test(value) || /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(value) ? undefined : 'host');
