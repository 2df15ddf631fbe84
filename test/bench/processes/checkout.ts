/** Where the checkout lies, whatever folder the compiled bench runs from. */

/** URL of the checkout, with a trailing slash: three levels above `packages/bus/dist/index.js`. */
export const ROOT = new URL("../../../", import.meta.resolve("@kloros/bus"));
