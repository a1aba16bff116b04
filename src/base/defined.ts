// Drops what is undefined from an object, so that laying it over another one hides nothing.

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The fields of `value` that are not undefined. */
export function definedOnly<T extends object>(value: T): Defined<T>;
export function definedOnly(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}
