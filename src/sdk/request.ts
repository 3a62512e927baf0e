// What every typed function of the sdk is made of: one request, its options looked at first.
// Promises that nothing but PrekeyVaultError is thrown.
import { errorCode } from '../contract/errors';
import type { MethodName, MethodParams, MethodResult } from '../contract/dapp/methods';
import { PrekeyVaultError, toPrekeyVaultError } from './errors';
import { unknownOption, type OptionNames } from './options';
import type { AccountOptions, PrekeyVaultProvider } from './types';

const accountOptions: OptionNames<AccountOptions> = { account: true };

/** One request of the provider. Throws PrekeyVaultError. */
export async function call<M extends MethodName>(
  provider: PrekeyVaultProvider,
  method: M,
  params?: MethodParams<M>,
): Promise<MethodResult<M>> {
  try {
    // The vault's word for it; what has to be proved, verifyVaultSignature proves.
    return (await provider.request(params === undefined ? { method } : { method, params })) as MethodResult<M>;
  } catch (thrown) {
    throw toPrekeyVaultError(thrown);
  }
}

/** The parameter `account`, when it was given. Throws -32602 for an option that does not exist. */
export function forAccount(what: string, options: AccountOptions): { account: string } | undefined {
  mustBeOptions(what, options, accountOptions);
  const { account } = options;
  return account === undefined ? undefined : { account };
}

/** Throws -32602 for an option that does not exist. */
export function mustBeOptions<Options>(what: string, given: object, names: OptionNames<Options>): void {
  const name = unknownOption(given, names);
  if (name !== undefined)
    throw new PrekeyVaultError(errorCode.invalidParams, `${what}: there is no option "${name.slice(0, 60)}"`, {
      field: name.slice(0, 60),
    });
}
