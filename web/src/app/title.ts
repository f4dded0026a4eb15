const PRODUCT = 'Carillon';

let page = '';
let before: string | undefined;

function show(): void {
  document.title = before ?? [page, PRODUCT].filter(Boolean).join(' · ');
}

/** Names the page in the browser's tab. */
export function titlePage(name: string): void {
  page = name;
  show();
}

/** Says something more urgent there, until it is told nothing. */
export function titleOver(words: string | undefined): void {
  before = words;
  show();
}
