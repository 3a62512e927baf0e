// Host names as an eye reads them: the letters behind "xn--", and which of them are drawn like a Latin one (R-C6).
// Promises: pure; never throws. Must not: decide. It tells what looks alike, not who is who.
import punycode from 'punycode.js';

// Lower-case letters that common fonts draw like a Latin one, after Unicode's confusables (UTS #39), kept to what a person really takes for
// the other: a letter more here is an honest name more that looks like an imitation. What decomposes into a Latin letter (é, ｅ, 𝐞) needs no row.
const lookAlikes: Readonly<Record<string, string>> = {
  // Cyrillic
  а: 'a',
  ь: 'b',
  с: 'c',
  ҫ: 'c',
  ԁ: 'd',
  е: 'e',
  ҽ: 'e',
  ғ: 'f',
  ԍ: 'g',
  һ: 'h',
  і: 'i',
  ј: 'j',
  к: 'k',
  қ: 'k',
  ҝ: 'k',
  ӏ: 'l',
  м: 'm',
  п: 'n',
  о: 'o',
  ө: 'o',
  р: 'p',
  ԛ: 'q',
  г: 'r',
  ѕ: 's',
  т: 't',
  ҭ: 't',
  ц: 'u',
  ѵ: 'v',
  ԝ: 'w',
  ѡ: 'w',
  х: 'x',
  ҳ: 'x',
  у: 'y',
  ү: 'y',
  ұ: 'y',
  ӕ: 'ae',
  // Greek
  α: 'a',
  ϲ: 'c',
  ε: 'e',
  ι: 'i',
  ϳ: 'j',
  κ: 'k',
  η: 'n',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  ω: 'w',
  χ: 'x',
  γ: 'y',
  // Armenian
  ց: 'g',
  հ: 'h',
  յ: 'j',
  ո: 'n',
  օ: 'o',
  զ: 'q',
  ս: 'u',
  // Latin beyond a to z
  ɑ: 'a',
  æ: 'ae',
  ƅ: 'b',
  ß: 'b',
  đ: 'd',
  ɗ: 'd',
  ƒ: 'f',
  ɡ: 'g',
  ħ: 'h',
  ı: 'i',
  ɩ: 'i',
  ȷ: 'j',
  ƙ: 'k',
  ł: 'l',
  ɫ: 'l',
  ƚ: 'l',
  ɱ: 'm',
  ŋ: 'n',
  ƞ: 'n',
  ɲ: 'n',
  ø: 'o',
  ɵ: 'o',
  œ: 'oe',
  ƥ: 'p',
  ʠ: 'q',
  ɾ: 'r',
  ʂ: 's',
  ŧ: 't',
  ƭ: 't',
  ʋ: 'v',
  ƴ: 'y',
  ɣ: 'y',
  ƶ: 'z',
  ʐ: 'z',
  // Zeros, which are drawn as a circle in many scripts; names end with digits.
  '٥': 'o',
  '۵': 'o',
  '०': 'o',
  '০': 'o',
  '੦': 'o',
  '૦': 'o',
  '୦': 'o',
  '௦': 'o',
  '౦': 'o',
  '೦': 'o',
  '൦': 'o',
  '๐': 'o',
  '໐': 'o',
  '၀': 'o',
};

/** The letters of a label that stand for more than ASCII, as they would be drawn elsewhere; a label that is not valid punycode as it is. */
function decoded(label: string): string {
  if (!label.startsWith('xn--')) return label;
  try {
    const text = punycode.decode(label.slice(4));
    return text === '' || /\p{Surrogate}/u.test(text) ? label : text;
  } catch {
    return label;
  }
}

/** The labels of a host as the browser gives it, each with its letters in Unicode. */
export function hostLabels(host: string): string[] {
  return host.toLowerCase().split('.').map(decoded);
}

/** Whether the letter is not one of the Latin letters a to z, but is drawn like one. */
export function isLookAlike(letter: string): boolean {
  return Object.hasOwn(lookAlikes, letter);
}

/** Text with each letter replaced by the Latin one it is drawn like, and without marks above and below: "ápрle" becomes "apple". */
export function latinForm(text: string): string {
  const bare = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return Array.from(bare, (letter) => (isLookAlike(letter) ? lookAlikes[letter] : letter)).join('');
}
