// What a person calls this browser: "Firefox on Windows". Pure.
// Promises: undefined parts are left out, never guessed. Must not: be sent anywhere; it is printed on a recovery kit and shown beside a code.

/** What `navigator` tells; `userAgentData` is Chromium's. */
export interface BrowserFacts {
  userAgent: string;
  userAgentData?: { brands: readonly { brand: string }[]; platform: string };
}

/** The first that fits names it: the others stand in the same texts for old sites' sake. */
const brands = ['Microsoft Edge', 'Opera', 'Brave', 'Vivaldi', 'Google Chrome', 'Chromium'];
const agents: readonly [RegExp, string][] = [
  [/Firefox\//, 'Firefox'],
  [/Edg\//, 'Microsoft Edge'],
  [/OPR\//, 'Opera'],
  [/Chrome\//, 'Chromium'],
];
const systems: readonly [RegExp, string][] = [
  [/CrOS/, 'ChromeOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
];
const firstOf = (list: readonly [RegExp, string][], text: string) => list.find(([sign]) => sign.test(text))?.[1];

/** The browser, and the system it runs on; undefined for what is not told. */
export function browserParts({ userAgent, userAgentData }: BrowserFacts): { browser?: string; system?: string } {
  const told = userAgentData?.brands.map(({ brand }) => brand) ?? [];
  const browser = brands.find((brand) => told.includes(brand)) ?? firstOf(agents, userAgent);
  const system = userAgentData?.platform || firstOf(systems, userAgent);
  return { ...(browser ? { browser } : {}), ...(system ? { system } : {}) };
}
