// docs/campaigns.md as it follows from the table of campaigns and from what was written down of their runs (runs.json).
// Promises: the same table and runs give the same text. Must not: know a campaign by itself.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { campaigns, trials } from './campaigns.mjs';

export const runsFile = path.join(import.meta.dirname, 'runs.json');
export const documentFile = path.join(import.meta.dirname, '..', '..', 'docs', 'campaigns.md');

const number = (value) => value.toLocaleString('en-US');

/** What is known of earlier runs, by campaign. */
export const readRuns = () => JSON.parse(readFileSync(runsFile, 'utf8'));

/** How many cases a campaign has in one of its forms: "1,000 frames, 20 kills". */
export function casesOf({ counts }, form) {
  const parts = Object.values(counts).map((count) => {
    const size = form === 'nightly' ? (count.nightly ?? count.short) : count[form];
    return size === 0 ? '' : `${number(size)} ${count.of}`;
  });
  return parts.filter(Boolean).join('; ');
}

function ranAs(run) {
  if (run === undefined) return 'not yet';
  const { date, commit, form, seed, seconds, failures, cases, says } = run;
  const [of, how] = [commit ? `, ${commit}` : '', form === 'whole' ? '' : `, ${form}`];
  const told = cases === undefined ? '' : `; ${number(cases)} cases`;
  const ended = failures === 0 ? 'held' : `${number(failures)} failed`;
  const took = seconds === undefined ? '' : `, ${number(seconds)} s`;
  return `${date}${of}${how}, seed ${seed}: ${ended}${told}${took}${says ? `; ${says}` : ''}`;
}

/** The text of docs/campaigns.md. */
export function documentOf(runs) {
  const nightly = Object.values(campaigns).reduce((sum, { minutes = 0 }) => sum + minutes, 0);
  const tried = Object.entries(trials).map(
    ([name, { what, campaigns: of, also }]) =>
      `| ${name} | ${what} | ${of.map((one) => `\`${one}\``).join(', ')} | ${also ?? '–'} |`,
  );
  const rows = Object.entries(campaigns).map(([name, campaign]) =>
    [
      `| \`${name}\``,
      campaign.what,
      casesOf(campaign, 'whole') || 'all of it',
      campaign.minutes === undefined ? '–' : casesOf(campaign, 'nightly') || 'all of it',
      casesOf(campaign, 'short') || '–',
      `${ranAs(runs[name])} |`,
    ].join(' | '),
  );
  return `# Campaigns

Heavy laws. \`npm test\` has a short form of each. This file is written by \`npm run campaign\` from \`scripts/campaign/campaigns.mjs\`, where each is named with its files and numbers of cases.

\`\`\`
npm run campaign                          # all trials, whole
npm run campaign -- T1 T4 --seed 5        # some of them; a seed repeats a run
npm run campaign -- T3 --minutes 10       # as far as it comes in ten minutes
npm run campaign -- nightly               # all of them, in their nightly form: within ${nightly} minutes on two cores
npm run campaign -- T15 --hours 2         # an identity in use for two hours
npm run campaign -- scopes package        # campaigns by their own names
npm run campaign -- list                  # the names
\`\`\`

It ends with a table: cases, failures and the seed. A case that failed is printed as a test to paste beside the law, and stays there. A run without a commit was of one that is not in this history.

After every case five things are looked at, in one place for unit tests (\`src/vault/testkit/oracles.testkit.ts\`) and one for the browser (\`e2e/kit/oracles.ts\`): nothing lost (every identity
opens by its slots and signs with its keys), nothing leaked (no secret in what is stored or sent), nothing unapproved (no more results than a person or a grant gave), nothing stuck (every promise
settles, one window at most), nothing new (no identity that nobody enrolled). In \`npm test\` those of the browser are looked at after the last case of a file. Laws of plain functions (\`differential\`, \`curve\`,
\`shown-texts\`, \`origins\`, \`inbox-logs\`, where an identity text is read) have no vault that could lose anything; \`interleavings\` has keys that only say what they were let do, and \`display-strings\` pages without a worker.
Checks of their own, not these five, have \`disk-full\`, \`updates\`, \`documents-firefox\`, \`clicks\`, \`scopes\`, and of \`kills\` what is not in \`e2e/kills.test.ts\`.

\`moved-clock\` has the whole browser told another time of day (\`e2e/kit/moved-clock.ts\`), the worker, its alarms and the browser's own processes among them, while the time since the start goes on: what happens where a clock is
set, or a machine has slept. It does not show what a browser does when its machine wakes, because no machine slept: timers and alarms come when they would have come. It stops
now and then at a fault that is known: a request that waits while the clock is set is shown to nobody any more, and its site is answered only when the alarm of the clock before comes, or the worker starts again.

## Trials

| trial | against | campaigns | and in every \`npm test\` |
|---|---|---|---|
${tried.join('\n')}

## All campaigns

| name | what | whole | nightly | in \`npm test\` | last whole run |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}
