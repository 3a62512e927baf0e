// Parts that are made when something is first asked of them.
// Promises: made once; what could not be made is tried again by the next call.
// Must not: know what is made.

/** Makes it at the first call, and gives the same to all later ones. A failure is told to those who waited, and not remembered. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** A part of which everything is an asynchronous method. */
type Asynchronous<Part> = { [Name in keyof Part]: (...input: never[]) => Promise<unknown> };

/** The parts that can be made on demand: nothing of them has to answer at once. */
export type OnDemand<Parts> = {
  [Name in keyof Parts]: Parts[Name] extends Asynchronous<Parts[Name]> ? Name : never;
}[keyof Parts];

/** Stands for one of the parts: each method has them made, if that is not done, and calls its own. */
export function onDemand<Parts, Name extends OnDemand<Parts>>(parts: () => Promise<Parts>, name: Name): Parts[Name] {
  return new Proxy(
    {},
    {
      get: (_, method: string) =>
        // Without it the part itself would pass for a promise.
        method === 'then'
          ? undefined
          : async (...input: unknown[]): Promise<unknown> =>
              ((await parts())[name] as Record<string, (...input: unknown[]) => Promise<unknown>>)[method]!(...input),
    },
  ) as Parts[Name];
}
