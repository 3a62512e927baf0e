// What origins.ts needs of the platform's URL, which the pure world does not know. It exists in pages, workers and node.
declare class URL {
  constructor(text: string);
  static canParse(text: string): boolean;
  readonly protocol: string;
  readonly hostname: string;
  readonly origin: string;
  readonly href: string;
  readonly username: string;
  readonly password: string;
}
