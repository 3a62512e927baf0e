// Constants that the build replaces (vite.config.ts). In the store build both hold nothing that a test or demo needs.

/** True only in test and bench builds: the provider answers `test_echo`. */
declare const __TEST_HOOKS__: boolean;
/** True only in test builds: labelled checkpoints can pause the worker (docs/testing.md). */
declare const __CHECKPOINTS__: boolean;
/** Extension id of the demo's test wallet; the empty string in the store build. */
declare const __TEST_WALLET_ID__: string;
/** "chrome" or "firefox": which browser this build is for. */
declare const __BROWSER__: 'chrome' | 'firefox';
/** The version in package.json. */
declare const __VERSION__: string;
/** In the wallet face: true in the copy of it that stands in for window.ethereum. */
declare const __STANDS_IN__: boolean;
