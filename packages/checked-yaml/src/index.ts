/** YAML files that people write, checked as a whole: every problem at once, each with its path and line. */
export {};
