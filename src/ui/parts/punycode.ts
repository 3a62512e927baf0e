// Reads one punycode label (RFC 3492 section 6.2), so that an "xn--" host can also be shown as it would look elsewhere.
// Promises: pure; undefined for anything that is not valid punycode. Must not: be used to compare or to decide.

const base = 36;

function adapt(delta: number, points: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > 455; k += base) rest = Math.floor(rest / 35);
  return k + Math.floor((36 * rest) / (rest + 38));
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 22;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  return base;
}

/** The Unicode text of a label without its "xn--"; undefined when it is malformed. */
export function decodePunycode(label: string): string | undefined {
  const input = label.toLowerCase();
  const dash = input.lastIndexOf('-');
  const output = dash > 0 ? Array.from(input.slice(0, dash), (letter) => letter.charCodeAt(0)) : [];
  if (output.some((code) => code > 0x7f)) return undefined;
  let next = dash > 0 ? dash + 1 : 0;
  let point = 128;
  let bias = 72;
  let index = 0;
  while (next < input.length) {
    const start = index;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = digitOf(input.charCodeAt(next++));
      if (Number.isNaN(digit) || digit >= base) return undefined;
      index += digit * weight;
      const threshold = Math.min(Math.max(k - bias, 1), 26);
      if (digit < threshold) break;
      weight *= base - threshold;
      if (index > 0x7fffffff || weight > 0x7fffffff) return undefined;
    }
    const length = output.length + 1;
    bias = adapt(index - start, length, start === 0);
    point += Math.floor(index / length);
    index %= length;
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    output.splice(index, 0, point);
    index += 1;
  }
  return String.fromCodePoint(...output);
}
