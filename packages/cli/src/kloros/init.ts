/** `kloros init`: a home, ready to be edited. */
import { Command } from "commander";
import { homeOf, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { prepareHome } from "../up/new-home.ts";

export function initCommand(): Command {
  const command = new Command("init").description(
    "Create a home with the files that people edit, each with comments; what exists is kept.",
  );
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const home = homeOf(options);
    const { created, closed } = await prepareHome(home);
    for (const what of closed) remark(what);
    if (options.json === true) await printJson({ home, created });
    else if (created.length === 0) await printLine(`${home} is complete already; nothing was changed`);
    else
      await printLine(
        `${home}: created ${created.join(", ")}; start the mesh with: kloros up --home ${home}`,
      );
  });
}
