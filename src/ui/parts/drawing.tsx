// Four small drawings in one line: a safe, a key, a key that is lent and comes back, a copy that is sealed.
// Promises: decoration only, hidden from screen readers; drawn by our own hand, in the colours of the theme, or of the system.
import type { ComponentChildren } from 'preact';

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
