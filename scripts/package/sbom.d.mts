// Types of sbom.mjs, for tests.
interface Component {
  'bom-ref': string;
  name: string;
  version: string;
}
export interface Sbom {
  serialNumber?: string;
  metadata: {
    timestamp?: string;
    lifecycles: unknown;
    tools: { vendor: string; name: string; version?: string }[];
    component: Component;
  };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}
export function sbomOf(root: string): string;
export function withoutChance(
  sbom: Sbom,
  manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string> },
): Sbom;
