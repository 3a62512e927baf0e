// The clock rule of the vault (R-F5).
// Promises: one tolerance for everything that is dated: sessions, grants, approvals.
// Must not: read a clock; the host's is the only one.

/** How far a clock may go back, in milliseconds, before what was dated by it no longer counts. */
export const clockToleranceMs = 120_000;
