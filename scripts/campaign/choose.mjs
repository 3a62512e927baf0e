// What the words of `npm run campaign` mean: which campaigns, in which form, with how much time each; and the table at the end.
// Promises: a word that means nothing is an error, never ignored. Must not: run anything.
import { campaigns, trials } from './campaigns.mjs';

const values = ['seed', 'minutes', 'hours'];

/** The words, and what npm took for itself because no "--" stood before it: it hands `--seed 5` down as npm_config_seed. */
function parsed(words, environment) {
  const [names, options] = [[], {}];
  for (const value of values)
    if (environment[`npm_config_${value}`]) options[value] = environment[`npm_config_${value}`];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (!word.startsWith('--')) names.push(word);
    else if (values.includes(word.slice(2))) options[word.slice(2)] = words[++at];
    else return { error: `there is no option ${word}` };
  }
  for (const [name, value] of Object.entries(options)) {
    options[name] = Number(value);
    const fits = name === 'seed' ? Number.isInteger(options[name]) : options[name] > 0;
    if (!fits) return { error: `--${name} takes a number` };
  }
  return { names, options };
}

/** Which campaigns run, and how. */
export function chosenOf(words, environment = {}) {
  const { names: asked = [], options = {}, error } = parsed(words, environment);
  if (error) return { error };
  if (asked.includes('list')) return { isList: true };
  const isNightly = asked.includes('nightly');
  const named = asked.filter((name) => name !== 'nightly');
  const unknown = named.find((name) => !Object.hasOwn(trials, name) && !Object.hasOwn(campaigns, name));
  if (unknown) return { error: `there is no campaign called ${unknown}` };
  const wanted = named.length === 0 ? Object.keys(trials) : named;
  const all = [...new Set(wanted.flatMap((name) => trials[name]?.campaigns ?? [name]))];
  const names = isNightly ? all.filter((name) => campaigns[name].minutes !== undefined) : all;
  const shares = Object.fromEntries(names.map((name) => [name, campaigns[name].minutes ?? 1]));
  const sum = Object.values(shares).reduce((one, other) => one + other, 0);
  const minutes = options.minutes ?? (isNightly ? sum : undefined);
  return {
    names,
    seed: options.seed ?? Date.now() % 2_147_483_647,
    form: isNightly ? 'nightly' : options.minutes === undefined ? 'whole' : `in ${options.minutes} minutes`,
    hours: options.hours,
    budgetsMs:
      minutes === undefined
        ? undefined
        : Object.fromEntries(names.map((name) => [name, (shares[name] / sum) * minutes * 60_000])),
  };
}

/** The known runs with one more. One that was not whole does not take the place of one that was, unless it failed. */
export function withRun(runs, { name, noted, failures, seconds, isWhole }, about) {
  if (!isWhole && failures === 0 && runs[name]?.form === 'whole' && runs[name].failures === 0) return runs;
  const cases = noted.reduce((sum, one) => sum + one.cases, 0);
  const run = { ...about, seconds, failures, ...(cases > 0 && { cases }) };
  const kept = { ...runs, [name]: run };
  return Object.fromEntries(Object.keys(campaigns).flatMap((one) => (kept[one] ? [[one, kept[one]]] : [])));
}

/** The table at the end of a run: a line for each law that counted its cases, and one for each campaign that has no such law. */
export function tableOf(results, seed) {
  const rows = results.flatMap(({ name, noted, failures, seconds }) => {
    const cases = new Map();
    for (const one of noted) cases.set(one.what, (cases.get(one.what) ?? 0) + one.cases);
    const laws = [...cases].map(([what, count]) => [
      `  ${campaigns[name].counts[what].of}`,
      count.toLocaleString('en-US'),
      '',
      '',
    ]);
    return [[name, '', String(failures), `${seconds} s`], ...laws];
  });
  const lines = [['campaign', 'cases', 'failures', 'time'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
  );
  return [...text, `seed ${seed}`].join('\n');
}
