// A usual webhook receiver: Node's own server, the signature checked over the raw body, and a job added to
// graphile-worker under the delivery's id before it answers 200.
//
//     node intake.mjs postgres://… PORT
import { createServer } from 'node:http';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { makeWorkerUtils } from 'graphile-worker';

const [connectionString, port] = process.argv.slice(2);
const worker = await makeWorkerUtils({ connectionString, maxPoolSize: 20 });
await worker.migrate();

createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', async () => {
    const body = Buffer.concat(pieces);
    const expected = createHmac('sha256', 'hush').update(body).digest();
    const given = Buffer.from(request.headers['x-shopify-hmac-sha256'] ?? '', 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return response.writeHead(401).end();
    }
    try {
      await worker.addJob('order', JSON.parse(body), { jobKey: request.headers['x-shopify-webhook-id'] });
      response.writeHead(200, { 'content-length': 0 }).end();
    } catch {
      response.writeHead(503).end();
    }
  });
}).listen(Number(port), '127.0.0.1', () => console.log(`port ${port}`));
