/** The part used here of a package whose own types are not found. */
declare module "asl-validator" {
  // biome-ignore lint/style/noDefaultExport: the form that the package has.
  export default function validate(definition: object): {
    readonly isValid: boolean;
    readonly errors: readonly unknown[];
  };
}
