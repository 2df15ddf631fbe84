/**
 * For tests of daemons and of the bus itself: nodes in one process, without sockets, as reliable or as bad as you like.
 * Journals are real; give each test a home of its own.
 *
 * @example
 * const transport = faultyTransport(memoryTransport(), 42, { dropLive: 0.2, loseReplies: 0.1 });
 * const emitter = await openNode({ daemon: "intent_router", home, contracts, transport });
 * const consumer = await openNode({ daemon: "investigation_consumer_daemon", home, contracts, transport });
 */
export { memoryTransport } from "./memory-transport.ts";
export type { MemoryTransportOptions } from "./memory-transport.ts";
export { DISCONNECTED, faultyTransport } from "./faulty-transport.ts";
export type { Faults, FaultyTransport } from "./faulty-transport.ts";
export { seededRandom } from "./seeded-random.ts";
export { freePortOffset } from "./free-port-offset.ts";
