// The vector driver: reads a folder of vector files and runs each vector through the operation it names.
// Promises that nothing passes unseen: an unknown operation, an expectation nobody compared and a foreign error all fail.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Operation, Vector, VectorSet } from './compare';
import { describeFailure } from './compare';
import { accountOperations } from './account-operations';
import { bundleOperations } from './bundle-operations';
import { invitationOperations } from './invitation-operations';
import { keyOperations } from './key-operations';
import { keystoreOperations } from './keystore-operations';
import { messageOperations } from './message-operations';
import { vaultOperations } from './vault-operations';

/** What became of one file. */
export interface FileReport {
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly { readonly id: string; readonly op: string; readonly reason: string }[];
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ...Object.entries(keyOperations),
  ...Object.entries(bundleOperations),
  ...Object.entries(accountOperations),
  ...Object.entries(invitationOperations),
  ...Object.entries(messageOperations),
  ...Object.entries(keystoreOperations),
]);

/** Runs all `.json` files of a folder, in the order of their names. */
export async function runFolder(folder: string): Promise<FileReport[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  const reports: FileReport[] = [];
  for (const file of files) reports.push(await runFile(path.join(folder, file)));
  return reports;
}

/** Runs one vector file. */
export async function runFile(file: string): Promise<FileReport> {
  const set = JSON.parse(readFileSync(file, 'utf8')) as VectorSet;
  const failures: { id: string; op: string; reason: string }[] = [];
  for (const vector of set.vectors) {
    const reason = await runVector(vector, set);
    if (reason !== undefined) failures.push({ id: vector.id, op: vector.op, reason });
  }
  return { file: path.basename(file), passed: set.vectors.length - failures.length, failures };
}

async function runVector(vector: Vector, set: VectorSet): Promise<string | undefined> {
  const operation = OPERATIONS.get(vector.op);
  if (!operation) return 'unknown operation';
  try {
    await operation(vector, set);
    if (Object.hasOwn(vaultOperations, vector.op)) await vaultOperations[vector.op]?.(vector, set);
    return undefined;
  } catch (error) {
    return describeFailure(error);
  }
}
