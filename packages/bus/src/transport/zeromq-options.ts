/** What the ends of a connection over ZeroMQ are opened with. */
import type { AddressBook } from "./addresses.ts";
import type { Protection } from "./protection.ts";

export interface ZeroMqOptions {
  readonly addresses: AddressBook;
  /** Where emitters bind, when it is not where they are reached. */
  readonly bindAddresses?: AddressBook;
  /** Frames ZeroMQ holds for one slow subscriber before it drops them. */
  readonly publishHighWaterMark: number;
  /** Frames this process holds for its own sockets. */
  readonly maxPublishQueue: number;
  /** Largest frame accepted from a peer, in bytes. */
  readonly maxFrameBytes: number;
  /** Left out: no CURVE. */
  readonly protection?: Protection;
  /** Addresses may be of version 6. */
  readonly ipv6?: boolean;
  /** Whether others than the user can reach the sockets, or bind them: then handshakes can fail, and are watched. */
  readonly watchPeers?: boolean;
  /** Something went wrong that heals by itself or by a person, and is to be logged. */
  readonly onTrouble?: (error: Error) => void;
}
