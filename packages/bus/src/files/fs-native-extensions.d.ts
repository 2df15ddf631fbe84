/** The calls of the package that are used here; it ships no types. */
declare module "fs-native-extensions" {
  /** OFD lock, exclusive unless `shared`, on the whole file or `length` bytes of it; false when another open file description holds it. */
  export function tryLock(
    fd: number,
    offset?: number,
    length?: number,
    options?: { readonly shared?: boolean },
  ): boolean;
  export function unlock(fd: number, offset?: number, length?: number): void;
}
