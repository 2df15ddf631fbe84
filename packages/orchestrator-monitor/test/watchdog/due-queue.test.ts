import fc from "fast-check";
import { expect, it } from "vitest";
import { DueQueue } from "../../src/watchdog/due-queue.ts";

it("gives what is due, the earliest first, each once, and nothing that was withdrawn", () => {
  const step = fc.oneof(
    fc.record({ add: fc.nat(200), due: fc.nat(1_000) }),
    fc.record({ remove: fc.nat(200) }),
    fc.record({ take: fc.nat(1_000), limit: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new DueQueue();
      const model = new Map<string, number>();
      for (const one of steps) {
        if ("add" in one) {
          const id = String(one.add);
          queue.add({ id, key: "k", due: one.due });
          if (!model.has(id)) model.set(id, one.due);
        } else if ("remove" in one) {
          queue.remove(String(one.remove));
          model.delete(String(one.remove));
        } else {
          const taken = queue.takeDue(one.take, one.limit);
          const expected = [...model.values()].filter((due) => due <= one.take).sort((a, b) => a - b);
          expect(taken.map(({ due }) => due)).toEqual(expected.slice(0, one.limit));
          for (const { id } of taken) model.delete(id);
        }
        expect(queue.size).toBe(model.size);
        expect(queue.next()).toBe(model.size === 0 ? null : Math.min(...model.values()));
      }
    }),
  );
});
