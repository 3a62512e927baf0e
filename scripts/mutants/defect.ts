// What a seeded defect is, and where it is planted.
// Promises: the place is found by the line's text alone, so that moving a file changes nothing here. Must not: run anything.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One line made wrong on purpose. */
export interface Defect {
  /** Names it: the rule that it breaks. */
  name: string;
  /** Text that stands exactly once in the sources (src, without tests). */
  find: string;
  /** What stands there instead. */
  replace: string;
  /** The test file that catches it, from the root, and a part of the test's title. */
  test: readonly [file: string, title: string];
  /** Why nobody can tell the difference; such a defect is not run. */
  equivalent?: string;
}

/** Every source that a defect may be planted in, from the root, with its text. */
export function sourcesOf(root: string): ReadonlyMap<string, string> {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).map(
    (file) => `src/${file.replaceAll('\\', '/')}`,
  );
  const sources = files.filter(
    (file) => /\.tsx?$/.test(file) && !/\.(test|testkit)\.tsx?$/.test(file) && !file.includes('/proto/gen/'),
  );
  return new Map(sources.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
}

/** The one source that holds the text. Throws when there is none, or more than one, or the text stands in it twice. */
export function placeOf(sources: ReadonlyMap<string, string>, { name, find }: Defect): string {
  const holders = [...sources].flatMap(([file, text]) =>
    text
      .split(find)
      .slice(1)
      .map(() => file),
  );
  if (holders.length !== 1)
    throw new Error(
      `${name}: the text stands ${holders.length} times${holders.length > 0 ? ` (${holders.join(', ')})` : ''}`,
    );
  return holders[0] as string;
}

/** The folder of a source, from the root. */
export const folderOf = (source: string): string => path.posix.dirname(source);
