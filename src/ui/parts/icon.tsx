// The few line icons of the pages, drawn on a 16 px grid, the product's mark, and four small drawings in one line: a safe, a key, a key that
// is lent and comes back, a copy that is sealed.
// Promises: decoration only; the words beside an icon say the same, so all are hidden from screen readers.
import type { ComponentChildren } from 'preact';

const paths = {
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2',
  unlock: 'M3.5 7.5h9v6h-9zM5.5 7.5v-2a2.5 2.5 0 0 1 4.9-.7',
  chevron: 'M6 3.5L10.5 8 6 12.5',
  warning: 'M8 2.5l6 11H2zM8 6.5v3.5M8 11.6v.4',
  note: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 7.2v3.6M8 5v.4',
  question: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM6.3 6.5a1.8 1.8 0 1 1 2.5 1.7c-.6.3-.8.6-.8 1.2M8 11.4v.2',
  failed: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  wallet: 'M2.5 5.5h11v8h-11zM2.5 5.5l8-3v3M10.5 8.5h3v2h-3z',
  carry: 'M4.5 1.5h7v13h-7zM7.2 12.2h1.6',
  camera: 'M2 5h3l1.2-1.8h3.6L11 5h3v8H2zM8 6.7a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z',
  picture: 'M2.5 3h11v10h-11zM2.5 11l3-3 2.5 2.5 2-2 3.5 3.5M10.3 6v.1',
  cross: 'M4 4l8 8M12 4l-8 8',
  open: 'M9.5 2.5h4v4M13.5 2.5l-6 6M11.5 9.5v4h-9v-9h4',
  clock: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 5v3.2l2.2 1.6',
  person: 'M8 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c.5-2.5 2.7-3.8 5.5-3.8s5 1.3 5.5 3.8',
  site: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM2 8h12M8 2c2 1.7 2.7 3.7 2.7 6s-.7 4.3-2.7 6c-2-1.7-2.7-3.7-2.7-6S6 3.7 8 2z',
  list: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  dial: 'M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4',
} as const;
export type IconName = keyof typeof paths;

/** Those that are mirrored where the text runs from right to left. */
const directed: readonly IconName[] = ['chevron', 'open', 'list', 'question'];

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      class={directed.includes(name) ? 'directed' : undefined}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark: a safe's door with its dial ring and a keyhole, as public/icons/icon.svg; small sizes leave out the ring, as icon-16.svg. */
export function Mark({ size = 24 }: { size?: number }) {
  if (size <= 16) {
    return (
      <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
        <rect class="mark-body" width="16" height="16" rx="3.5" />
        <path class="mark-hole" d="M8 3a3 3 0 0 1 1.5 5.6L10.5 13h-5L6.5 8.6A3 3 0 0 1 8 3z" />
      </svg>
    );
  }
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect class="mark-body" x="1" y="1" width="30" height="30" rx="7" />
      <circle class="mark-line" cx="16" cy="16" r="10.5" fill="none" stroke-width="2" />
      <path class="mark-hole" d="M16 9.5a4 4 0 0 1 1.9 7.52l1.1 5.48h-6l1.1-5.48A4 4 0 0 1 16 9.5z" />
    </svg>
  );
}

const drawings = {
  safe: (
    <>
      <g class="drawn-line">
        <rect x="20" y="8" width="56" height="52" rx="7" />
        <path d="M28 60v5M68 60v5M20 22h-3v10h3M20 38h-3v10h3" />
        <rect x="27" y="15" width="42" height="38" rx="4" />
        <path d="M48 21v3M48 44v3M35 34h3M58 34h3" />
      </g>
      <g class="drawn-accent">
        <circle cx="48" cy="34" r="8" />
        <path d="M48 32v5" />
      </g>
    </>
  ),
  key: (
    <>
      <g class="drawn-line">
        <path d="M12 60h72M20 52.5h8M68 52.5h8" />
        <path d="M42 33h38v8M70 33v6M62 33v4" />
      </g>
      <g class="drawn-accent">
        <circle cx="29" cy="33" r="13" />
        <circle cx="25" cy="33" r="3" />
      </g>
    </>
  ),
  lend: (
    <>
      <g class="drawn-line">
        <rect x="6" y="22" width="26" height="26" rx="5" />
        <circle cx="19" cy="35" r="6" />
        <path d="M19 34v3" />
        <rect x="62" y="16" width="30" height="38" rx="4" />
        <path d="M62 25h30M67 20.6h.2M71 20.6h.2M68 32h18M68 38h12" />
      </g>
      <g class="drawn-accent">
        <path d="M37 30h19l-4-4M56 30l-4 4M56 42H37l4-4M37 42l4 4" />
      </g>
    </>
  ),
  copy: (
    <>
      <g class="drawn-line">
        <path d="M38 14V11a4 4 0 0 1 4-4h22l10 10v35a4 4 0 0 1-4 4h-4" />
        <path d="M64 7v10h10" />
        <path d="M26 14h28l8 8v38a4 4 0 0 1-4 4H26a4 4 0 0 1-4-4V18a4 4 0 0 1 4-4z" />
      </g>
      <g class="drawn-accent">
        <rect x="33" y="38" width="18" height="14" rx="3" />
        <path d="M37 38v-3.5a5 5 0 0 1 10 0V38M42 44v2.5" />
      </g>
    </>
  ),
} satisfies Record<string, ComponentChildren>;

/** Where each begins, so that it stands exactly where the words below it begin. */
const left = { safe: 16, key: 11, lend: 5, copy: 21 } as const;

export type DrawingName = keyof typeof drawings;

export function Drawing({ name }: { name: DrawingName }) {
  return (
    <svg class="drawing" width="96" height="72" viewBox={`${left[name]} 0 96 72`} aria-hidden="true">
      {drawings[name]}
    </svg>
  );
}
