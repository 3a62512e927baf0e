// The span of time that a date can name. Promises: the bound stands here once. Must not: ask a clock.

/** The latest time that a Date can hold, in milliseconds since 1970 (ECMA-262, "Time Values and Time Range"). */
export const latestMs = 8_640_000_000_000_000;
