import { DurableAppender } from "@kloros/bus";

const [path = "", writer = "", count = "0"] = process.argv.slice(2);
const appender = new DurableAppender(path);
console.log("ready");
for (let n = 0; n < Number(count); n += 5) {
  const some = Array.from({ length: 5 }, (_, k) =>
    appender.append(JSON.stringify({ writer, n: n + k, pad: "x".repeat(200) })),
  );
  for (const [k, { offset }] of (await Promise.all(some)).entries())
    console.log(JSON.stringify({ n: n + k, offset }));
}
await appender.close();
