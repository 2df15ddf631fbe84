/** Under construction by its owner. */
export {};
