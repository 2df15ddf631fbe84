/** Imported into a daemon's process by a test: SIGUSR2 sets its wall clock back an hour, the monotonic one goes on. */
const trueNow = Date.now.bind(Date);
let offsetMs = 0;
Date.now = () => trueNow() - offsetMs;
process.on("SIGUSR2", () => {
  offsetMs = 3_600_000;
});
