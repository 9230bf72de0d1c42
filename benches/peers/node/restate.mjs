// A service whose handler does nothing: what is measured is Restate's durable acceptance of the call. Restate also runs
// the handler, which none of the others does.
//
//     node restate.mjs PORT
if (!Promise.withResolvers) {
  // The SDK is written for Node 22.
  Promise.withResolvers = function () {
    const parts = {};
    parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return parts;
  };
}
const restate = await import('@restatedev/restate-sdk');
const intake = restate.service({ name: 'intake', handlers: { receive: async () => 'kept' } });
const port = Number(process.argv[2]);
await restate.serve({ services: [intake], port });
console.log(`port ${port}`);
