// Keyboard commands: each does its one thing, and the manifest has these and no others.
import { expect, test } from 'vitest';
import manifest from '../../../manifest.json' with { type: 'json' };
import { commandNames } from '../../contract/choices';
import { createCommands } from './commands';

function worked(): { done: string[]; run: (name: string) => Promise<void> } {
  const done: string[] = [];
  const run = createCommands({
    lock: async () => done.push('locked'),
    showWaiting: async () => done.push('shown'),
  });
  return { done, run };
}

test('R-J6 each command does its one thing', async () => {
  const { done, run } = worked();
  await run('lock-now');
  expect(done).toEqual(['locked']);
  await run('open-waiting');
  expect(done).toEqual(['locked', 'shown']);
});

test('a name that is not ours does nothing', async () => {
  const { done, run } = worked();
  for (const name of ['', 'unlock', 'constructor', 'toString', '_execute_action', '__proto__']) await run(name);
  expect(done).toEqual([]);
});

test('a command that fails says so', async () => {
  const run = createCommands({ lock: () => Promise.reject(new Error('no')), showWaiting: async () => undefined });
  await expect(run('lock-now')).rejects.toThrow('no');
});

test('R-J6 the manifest has these commands, each with words and a key that no browser uses itself', () => {
  expect(Object.keys(manifest.commands)).toEqual([...commandNames]);
  for (const { suggested_key, description } of Object.values(manifest.commands)) {
    expect(suggested_key.default).toMatch(/^Alt\+Shift\+[A-Z]$/);
    expect(description).toMatch(/^__MSG_command[A-Za-z]+__$/);
  }
});
