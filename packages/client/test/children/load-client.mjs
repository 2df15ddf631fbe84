/** Loads the built client and prints what was loaded with it. */
import { register } from "node:module";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

const HOOKS = `
let port;
export const initialize = (data) => { port = data.port; };
export const load = async (url, context, next) => {
  port.postMessage(url);
  return next(url, context);
};`;

const { port1, port2 } = new MessageChannel();
register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, {
  data: { port: port2 },
  transferList: [port2],
});
await import("@kloros/client");

const modules = [];
for (let message = receiveMessageOnPort(port1); message; message = receiveMessageOnPort(port1))
  if (message.message.startsWith("file:")) modules.push(message.message);
const shared_objects = process.report.getReport().sharedObjects;
process.stdout.write(JSON.stringify({ modules, shared_objects }), () => process.exit(0));
