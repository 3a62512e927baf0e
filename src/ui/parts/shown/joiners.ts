// Invisible characters that mean something where they stand: what joins or parts letters of scripts that join, and what makes emoji (R-C5).
// Promises: judges by the neighbours alone; an answer of true never depends on another invisible character that is not itself in place. Pure.
// Must not: be extended by a whole class. Each rule names what stands on both sides.

// Scripts whose letters change their form beside each other (Unicode 16, chapters 9, 12 to 16, 19), where ZWJ and ZWNJ choose the form.
const joiningScripts = [
  'Arabic',
  'Syriac',
  'Mandaic',
  'Nko',
  'Adlam',
  'Hanifi_Rohingya',
  'Mongolian',
  'Phags_Pa',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Balinese',
  'Javanese',
  'Newa',
  'Grantha',
].map(
  (name) => new RegExp(`^(?=[\\p{L}\\p{M}])(?!\\p{Default_Ignorable_Code_Point})\\p{Script_Extensions=${name}}$`, 'u'),
);
// The sign that takes a consonant's vowel away; a joiner after it shapes the consonant also at the end of a word (Malayalam, Sinhala).
const virama = /^[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA]$/u;
// Places that are only reserved for pictographs are not drawn.
const pictograph = /^(?!\p{C})\p{Extended_Pictographic}$/u;
const skin = /^\p{Emoji_Modifier}$/u;
const mongolian = /^(?=\p{L})\p{Script=Mongolian}$/u;
// England, Scotland and Wales: the only flags that are written with tags (Unicode 16, RGI emoji tag sequences).
const taggedFlags = ['gbeng', 'gbsct', 'gbwls'].map(
  (region) =>
    Array.from(region, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('') + '\u{E007F}',
);

const style = '\u{FE0F}';

/** Whether the characters before `at` end a pictograph: bare, with a style, or with a skin tone. */
function endsPictograph(points: readonly string[], at: number): boolean {
  const last = points[at - 1] ?? '';
  if (pictograph.test(last)) return true;
  return (last === style || skin.test(last)) && pictograph.test(points[at - 2] ?? '');
}

/** Whether the invisible character at `at` (a code point of `points`) does there what it is for, so that it is left as it is. */
export function isInPlace(points: readonly string[], at: number): boolean {
  const before = points[at - 1] ?? '';
  const after = points[at + 1] ?? '';
  switch (points[at]) {
    case '\u200D':
      return joins(before, after) || virama.test(before) || (endsPictograph(points, at) && pictograph.test(after));
    case '\u200C':
      return joins(before, after);
    case '\u{FE0E}':
      return pictograph.test(before);
    case style:
      return pictograph.test(before) || (/^[0-9#*]$/.test(before) && after === '\u20E3');
    case '\u180B':
    case '\u180C':
    case '\u180D':
    case '\u180F':
      return mongolian.test(before);
    case '\u180E':
      return mongolian.test(before) && mongolian.test(after);
    default:
      return false;
  }
}

function joins(before: string, after: string): boolean {
  return joiningScripts.some((letter) => letter.test(before) && letter.test(after));
}

/** How many characters from `at` on are the tags of a flag; 0 when they are not. */
export function flagTags(points: readonly string[], at: number): number {
  if (points[at - 1] !== '\u{1F3F4}') return 0;
  const text = points.slice(at, at + 6).join('');
  return taggedFlags.includes(text) ? 6 : 0;
}
