// A small generated picture of an address, so that two people are told apart at a glance.
// Promises the same picture for the same address in any case. Must not be taken for a check: read the address.

const cell = 6;

/** Five columns that mirror each other, from the first bytes of the address; the hue from the last. */
export function Portrait({ address, size = 40 }: { address: string; size?: number }) {
  const digits = address.slice(2).toLowerCase();
  const hue = (Number.parseInt(digits.slice(-4), 16) * 360) / 0x10000;
  const cells: { x: number; y: number }[] = [];
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 3; x++) {
      if (Number.parseInt(digits[y * 3 + x] ?? '0', 16) % 2 === 0) continue;
      cells.push({ x, y });
      if (x < 2) cells.push({ x: 4 - x, y });
    }
  }
  return (
    <svg class="portrait" width={size} height={size} viewBox="0 0 40 40" aria-hidden="true">
      <rect width="40" height="40" rx="8" fill={`hsl(${hue.toFixed(0)} 45% 88%)`} />
      {cells.map(({ x, y }) => (
        <rect
          key={`${x}${y}`}
          x={5 + x * cell}
          y={5 + y * cell}
          width={cell}
          height={cell}
          fill={`hsl(${hue.toFixed(0)} 45% 38%)`}
        />
      ))}
    </svg>
  );
}
