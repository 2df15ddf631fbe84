/** `kloros` and `chem-bus` are commands; programs use their JSON forms, or @kloros/bus. There is nothing to import. */
export {};
