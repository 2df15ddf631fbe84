/**
 * What questions about code ask for, in the words in which they are asked. Each line is a concept and the words that
 * mean it; they are stemmed when the lexicon is built. `~` in front: the word means the concept's opposite.
 */
import { stem } from "./stem.ts";

const CONCEPTS = `
purpose: purpose role goal job responsibility responsibilities meaning
contain: contain content contents hold include
structure: structure layout overview organised architecture
start: start launch startup boot run begin started bootstrap entry entries point points
stop: stop shutdown halt terminate end
test: test tests tested cover covered covering coverage verify verified unit
document: documentation document docs docstring docstrings documented comment comments
depend: depend dependency dependencies rely relies import imports imported importing need needs require requires library libraries
use: use uses used usage using
call: call calls called caller callers invoke invokes invoked
export: export exports exported offer offers provide provides provided expose exposes exposed
capability: capability capabilities
function: function functions method methods
class: class classes type types
argument: argument arguments parameter parameters
return: return returns returned
error: error errors exception exceptions
raise: raise raises throw throws
handle: handle handles handled
fail: fail fails failed failing failure failures crash crashes crashed
bug: bug bugs defect defects
cause: why reason reasons cause causes
speed: fast slow speed latency performance quick faster
memory: memory ram
leak: leak leaks leaking
hang: hang hangs stuck deadlock freeze
configure: configure configured configuration config configurable setting settings option options
emit: emit emits emitted
consume: consume consumes consumed
store: store stored stores keep keeps kept persist persisted save saved
where: where place location
write: write writes written wrote
delete: delete deletes deleted remove removes removed
build: build built construct constructed
produce: produce produces output outputs
folder: folder directory
old: old stale
safe: safe safely
thread: thread threads
work: work works ~broken
enable: enable enabled ~disable ~disabled
bound: bound bounded ~unbounded
valid: valid validate validated validation ~invalid
timeout: timeout timeouts
register: register registered registering registration
external: external third-party third party
size: size large largest big biggest
deploy: deploy deployed deploys deployment
many: many number
long: long duration
`;

/** They say nothing about what is asked. */
const STOP_WORDS = new Set(
  `a an the of in on at to for from by with and or is are was were be been being am it its this that these those there
  does did do has have had having can could will would shall should may might must i me you your we us our one they them
  what which how who when if as into out up please want know tell give describe explain summarise summarize investigate list show find
  named called whether anywhere several still after before it's about more get gets made make makes so way worth any
  module modules package packages component components file files python class's code codebase default exist exists
  happens happen behave behaves itself take takes accept accepts much become becomes through time`
    .split(/\s+/)
    .flatMap((word) => [word, stem(word)]),
);

const NEGATIONS = new Set([
  "not",
  "no",
  "never",
  "without",
  "none",
  "nothing",
  "lack",
  "lacks",
  "missing",
  "cannot",
]);

export interface Concept {
  readonly name: string;
  readonly isOpposite: boolean;
}

const BY_STEM = new Map<string, Concept>(
  CONCEPTS.trim()
    .split("\n")
    .flatMap((line) => {
      const [name = "", words = ""] = line.split(": ");
      return words.split(" ").map((word): [string, Concept] => {
        const isOpposite = word.startsWith("~");
        return [stem(isOpposite ? word.slice(1) : word), { name, isOpposite }];
      });
    }),
);

/** What a stem asks for; undefined for words that are not about asking. */
export function conceptOf(stemmed: string): Concept | undefined {
  return BY_STEM.get(stemmed);
}

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}

export function isNegation(word: string): boolean {
  return NEGATIONS.has(word);
}
