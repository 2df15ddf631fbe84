/** The one call of the package that is used here; it ships no types. */
declare module "fs-native-extensions" {
  /** Exclusive OFD lock on the whole file; false when another open file description holds it. */
  export function tryLock(fd: number): boolean;
  export function unlock(fd: number): void;
}
