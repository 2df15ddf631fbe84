/**
 * Walks a parsed registry: which modules stand in it, and in which mapping new ones belong.
 *
 * New entries go where earlier discoveries are (`auto_discovered: true`); else into a group that is called `modules`
 * or `capabilities`; else into the only group there is, when it holds modules; else to the top level, so that a
 * registry with groups by topic (`tools:`, `brainmods:`) keeps its topics clean.
 */
import { type Document, isMap, isScalar, isSeq, type Pair } from "yaml";
import type { Registered } from "./module-entry.ts";
import { type AnyMap, fieldOf, keyName, resolved } from "./yaml-node.ts";

/** Groups of groups of groups: deeper maps are details of an entry, not registries. */
const MAX_DEPTH = 4;
const CONVENTIONAL_GROUPS = ["modules", "capabilities"];
/** Above the top level (0), below a group with a conventional name. */
const ONLY_GROUP_RANK = 0.5;
/** A group with one module may as well be a topic with one module. */
const MIN_MODULES_OF_ONLY_GROUP = 2;

/** A mapping that can take entries; `map` is null for a group without content (`modules:`). */
export interface Container {
  readonly map: AnyMap | null;
  /** The pair that holds it; null for the top level. */
  readonly holder: Pair | null;
}

export interface Walk {
  readonly container: Container;
  /** Every entry that names a module, at any depth, also in lists. */
  readonly modules: readonly Registered[];
}

interface Candidate extends Container {
  modules: number;
  autoDiscovered: number;
  readonly preference: number;
}

/** @param lineAt line, counted from 1, of an offset */
export function walkRegistry(root: AnyMap, document: Document, lineAt: (offset: number) => number): Walk {
  const modules: Registered[] = [];
  const candidates: Candidate[] = [];

  const visit = (map: AnyMap, holder: Pair | null, depth: number) => {
    const candidate: Candidate = {
      map,
      holder,
      modules: 0,
      autoDiscovered: 0,
      preference: preferenceOf(map, holder, document),
    };
    candidates.push(candidate);
    for (const pair of map.items) {
      const found = registeredIn(pair, document, lineAt);
      if (found?.isModule) {
        modules.push(found);
        candidate.modules++;
        if (isMap(pair.value) && fieldOf(pair.value, "auto_discovered", document) === true)
          candidate.autoDiscovered++;
      }
      if (depth < MAX_DEPTH) descend(pair, depth);
    }
  };
  const descend = (pair: Pair, depth: number) => {
    if (isMap(pair.value)) visit(pair.value, pair, depth + 1);
    else if (isSeq(pair.value)) {
      for (const item of pair.value.items) {
        const found = isMap(item) ? registeredItem(item, document, lineAt) : null;
        if (found) modules.push(found);
      }
    } else if (isEmpty(pair.value) && CONVENTIONAL_GROUPS.includes(keyName(pair) ?? "")) {
      candidates.push({
        map: null,
        holder: pair,
        modules: 0,
        autoDiscovered: 0,
        preference: groupRank(pair),
      });
    }
  };

  visit(root, null, 0);
  const [top, ...others] = candidates;
  return { container: top ? best(top, others) : { map: root, holder: null }, modules };
}

function best(root: Candidate, others: readonly Candidate[]): Candidate {
  const groups = root.map?.items.map(({ value }) => value).filter((value) => isMap(value)) ?? [];
  const only = groups.length === 1 && root.modules === 0 ? groups[0] : null;
  const rank = ({ map, modules, preference }: Candidate) =>
    map === only && modules >= MIN_MODULES_OF_ONLY_GROUP ? Math.max(preference, ONLY_GROUP_RANK) : preference;
  const isBetter = (a: Candidate, b: Candidate) => a.autoDiscovered - b.autoDiscovered || rank(a) - rank(b);
  return others.reduce((leader, candidate) => (isBetter(candidate, leader) > 0 ? candidate : leader), root);
}

/** The key `pair` as something registered; null for keys that are no scalars. */
export function registeredIn(
  pair: Pair,
  document: Document,
  lineAt: (offset: number) => number,
): Registered | null {
  const name = keyName(pair);
  if (name === null || name === "<<") return null;
  const value = resolved(pair.value, document);
  const offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
  return describe(name, isMap(value) ? value : null, document, lineAt(offset));
}

/** `- name: piper` with a `module` beside it. */
function registeredItem(
  item: AnyMap,
  document: Document,
  lineAt: (offset: number) => number,
): Registered | null {
  const name = fieldOf(item, "name", document);
  if (typeof name !== "string") return null;
  const found = describe(name, item, document, lineAt(item.range?.[0] ?? 0));
  return found.isModule ? found : null;
}

function describe(name: string, map: AnyMap | null, document: Document, line: number): Registered {
  const text = (field: string) => {
    const value = map ? fieldOf(map, field, document) : undefined;
    return typeof value === "string" ? value : null;
  };
  const module = text("module");
  return {
    name,
    isModule: module !== null,
    module,
    path: text("path"),
    investigation_id: text("investigation_id"),
    line,
  };
}

/** Above zero: chosen before the top level (0) when nobody has added entries yet. */
function preferenceOf(map: AnyMap, holder: Pair | null, document: Document): number {
  if (holder === null) return 0;
  const isModuleItself = fieldOf(map, "module", document) !== undefined;
  const holdsMapsOnly = map.items.every((pair) => isMap(resolved(pair.value, document)));
  return isModuleItself || !holdsMapsOnly ? -1 : groupRank(holder);
}

function groupRank(holder: Pair): number {
  const rank = CONVENTIONAL_GROUPS.indexOf(keyName(holder) ?? "");
  return rank === -1 ? -1 : CONVENTIONAL_GROUPS.length - rank;
}

function isEmpty(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null && node.anchor === undefined);
}
