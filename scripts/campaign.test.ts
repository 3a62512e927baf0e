// The table of campaigns is one: the document follows from it, its files exist, its laws take their numbers from it, and the command knows each name.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { campaigns, trials } from './campaign/campaigns.mjs';
import { chosenOf, tableOf, withRun } from './campaign/choose.mjs';
import { documentFile, documentOf, readRuns } from './campaign/document.mjs';

const root = path.resolve(import.meta.dirname, '..');
const names = Object.keys(campaigns);

describe('the table of campaigns', () => {
  test('docs/campaigns.md is what follows from it and from the runs that were written down', () => {
    expect(readFileSync(documentFile, 'utf8')).toBe(documentOf(readRuns()));
  });

  test('there are fifteen trials, each of campaigns that exist; a night has them all, within an hour', () => {
    expect(Object.keys(trials)).toEqual(Array.from({ length: 15 }, (_, at) => `T${at + 1}`));
    const tried = Object.values(trials).flatMap((trial) => trial.campaigns);
    expect(tried.filter((name) => !names.includes(name))).toEqual([]);
    expect(tried.filter((name) => campaigns[name]?.minutes === undefined)).toEqual([]);
    expect(names.reduce((sum, name) => sum + (campaigns[name]?.minutes ?? 0), 0)).toBeLessThanOrEqual(60);
  });

  test.each(names)('%s: its files are there, and each of its numbers is taken by one of them', (name) => {
    const { files, counts } = campaigns[name]!;
    for (const file of files) expect(existsSync(path.join(root, file)), file).toBe(true);
    const texts = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(root, file), 'utf8').replaceAll(/\s+/g, ' '));
    for (const [what, { whole, nightly, short }] of Object.entries(counts)) {
      if (texts.length > 0)
        expect([what, texts.some((text) => text.includes(`'${name}', '${what}'`))]).toEqual([what, true]);
      // The step through a list is the one that gets smaller.
      if (!what.startsWith('step'))
        expect([what, short <= (nightly ?? short) && (nightly ?? short) <= whole]).toEqual([what, true]);
    }
  });
});

describe('the words of the command', () => {
  test('no name is every trial, whole; names are trials or campaigns, each once', () => {
    const all = chosenOf([]);
    expect([all.form, all.budgetsMs]).toEqual(['whole', undefined]);
    expect(all.names).toEqual([...new Set(Object.values(trials).flatMap((trial) => trial.campaigns))]);
    expect(chosenOf(['T2', 'kills', 'package', '--seed', '5'])).toMatchObject({
      names: [...trials['T2']!.campaigns, 'package'],
      seed: 5,
      form: 'whole',
    });
  });

  test('a night, and minutes, are shared out', () => {
    const night = chosenOf(['nightly']);
    expect(night.form).toBe('nightly');
    const four = chosenOf(['origins', 'page-texts', '--minutes', '4']);
    expect(four.budgetsMs).toEqual({ origins: 120_000, 'page-texts': 120_000 });
    expect(chosenOf(['T15'], { npm_config_hours: '2', npm_config_seed: '7' })).toMatchObject({ hours: 2, seed: 7 });
  });

  test('what means nothing is said, not ignored', () => {
    for (const words of [['T16'], ['--fast'], ['T1', '--seed', 'x'], ['T1', '--minutes', '0'], ['__proto__']])
      expect(chosenOf(words).error, words.join(' ')).toBeDefined();
  });

  test('a run that was not whole takes the place of a whole one only when it failed', () => {
    const [about, short] = [
      { date: '2026-01-02', commit: 'c', form: 'nightly', seed: 2 },
      { seconds: 3, noted: [], isWhole: false },
    ];
    const runs = { kills: { date: '2026-01-01', form: 'whole', seed: 1, failures: 0 } };
    expect(withRun(runs, { name: 'kills', failures: 0, ...short }, about)).toBe(runs);
    expect(withRun(runs, { name: 'kills', failures: 1, ...short }, about)['kills']).toMatchObject({
      failures: 1,
      seed: 2,
    });
    expect(withRun(runs, { name: 'origins', failures: 0, ...short }, about)['origins']).toMatchObject({
      form: 'nightly',
    });
  });

  test('the table at the end has cases, failures and the seed', () => {
    const noted = [
      { what: 'messages', cases: 2 },
      { what: 'kills', cases: 3 },
      { what: 'kills', cases: 4 },
    ];
    expect(tableOf([{ name: 'read-kills', noted, failures: 1, seconds: 9, isWhole: true }], 5).split('\n')).toEqual([
      'campaign    cases  failures  time',
      'read-kills                1   9 s',
      '  messages      2                ',
      '  kills         7                ',
      'seed 5',
    ]);
  });
});
