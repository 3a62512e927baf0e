// A text as a QR code, for wallets that live on another device.
// Promises: drawn as one vector path on white, with the quiet zone scanners need.
import encodeQR from 'qr';
import { useMemo } from 'preact/hooks';

export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const code = encodeQR(text, 'raw', { ecc: 'low', border: 4 });
    const rows = code.map((row, y) => {
      let line = '';
      for (let x = 0; x < row.length; x++) {
        if (!row[x]) continue;
        const from = x;
        while (row[x + 1]) x++;
        line += `M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`;
      }
      return line;
    });
    return { size: code.length, path: rows.join('') };
  }, [text]);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect class="qr-ground" width={size} height={size} />
      <path class="qr-dots" d={path} />
    </svg>
  );
}
