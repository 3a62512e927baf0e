// Options of the sdk's functions: a name that is not known is a typing slip, and a slip must not pass in silence.
// Promises that inherited names count too, because reading an option finds them, but not what a script put on every object of the page.
// Must not look at values: each function knows its own.

/** What is given, with no name but those of `Known`: an object of another type does not compile, kept in a variable or not. */
export type Exactly<Known, Given extends Known> = Given & Record<Exclude<keyof Given, keyof Known>, never>;

/** The names of the options, as keys, so that a forgotten one does not compile. */
export type OptionNames<Options> = Readonly<Record<keyof Required<Options>, true>>;

/** The first name that is not an option; undefined when all are. */
export function unknownOption<Options>(given: object, names: OptionNames<Options>): string | undefined {
  for (
    let holder: object | null = given;
    holder && holder !== Object.prototype;
    holder = Object.getPrototypeOf(holder) as object | null
  ) {
    const name = Object.keys(holder).find((one) => !Object.hasOwn(names, one));
    if (name !== undefined) return name;
  }
  return undefined;
}

/** Throws TypeError for a name that is not an option of `what`. */
export function mustBeKnown<Options>(what: string, given: object, names: OptionNames<Options>): void {
  const name = unknownOption(given, names);
  if (name !== undefined) throw new TypeError(`${what}: there is no option "${name.slice(0, 60)}"`);
}
