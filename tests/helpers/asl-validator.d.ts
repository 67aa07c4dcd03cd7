/** The part used here of a package whose own types are not found. */
declare module "asl-validator" {
  export default function validate(definition: object): {
    readonly isValid: boolean;
    readonly errors: readonly unknown[];
  };
}
