// What the fake vault refuses with: the same errors, with the same words, as the provider.
import type { IdentityTextDefect } from '../../contract/choices';
import { errorCode, ProviderError } from '../../contract/errors';

export const unauthorized = () => new ProviderError(errorCode.unauthorized);
export const limitExceeded = () => new ProviderError(errorCode.limitExceeded);
export const invalid = (field?: string) =>
  new ProviderError(errorCode.invalidParams, field === undefined ? undefined : { field });
export const refusedText = (identityText: IdentityTextDefect) =>
  new ProviderError(errorCode.invalidParams, { field: 'text', identityText });

/** As it comes to a page: an Error with `code`, and with `data` where there is some. What is no refusal is the test's own fault, and stays what it is. */
export function asPageError(thrown: unknown): unknown {
  if (!(thrown instanceof ProviderError)) return thrown;
  const { code, message, data } = thrown;
  return Object.assign(new Error(message), { code, ...(data !== undefined && { data }) });
}
