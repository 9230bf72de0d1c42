// The official Node clients against the twin: reads, writes, paging, errors, tokens, bulk, webhooks.
import assert from 'node:assert/strict';
import { createAdminApiClient } from '@shopify/admin-api-client';
import { ApiVersion, LogSeverity, Session, shopifyApi } from '@shopify/shopify-api';
import '@shopify/shopify-api/adapters/node';
import { setAbstractFetchFunc } from '@shopify/shopify-api/runtime';

const { SHOP_DOMAIN, SHOP_ENDPOINT, SHOP_ACCESS_TOKEN, SHOP_CLIENT_ID, SHOP_CLIENT_SECRET } = process.env;
const apiVersion = '2026-10';
// Both clients insist on https://{shop}; a fetch of one's own is their documented way to another address.
const shopAddress = new RegExp(`^https?://${SHOP_DOMAIN}`);
const toTwin = (url, options) => fetch(String(url).replace(shopAddress, SHOP_ENDPOINT), options);
const passed = (what) => console.log(`node    ok  ${what}`);

const client = createAdminApiClient({
  storeDomain: SHOP_DOMAIN, apiVersion, accessToken: SHOP_ACCESS_TOKEN, customFetchApi: toTwin,
});

// Reads and paging.
const page = `query Page($after: String) {
  orders(first: 2, after: $after, sortKey: CREATED_AT) {
    nodes { id name currentTotalPriceSet { shopMoney { amount currencyCode } } lineItems(first: 5) { nodes { sku quantity } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
let seen = [];
for (let after = null, pages = 0; pages < 3; pages += 1) {
  const { data, errors, extensions } = await client.request(page, { variables: { after } });
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.ok(extensions.cost.requestedQueryCost > 0);
  seen = seen.concat(data.orders.nodes);
  if (!data.orders.pageInfo.hasNextPage) break;
  after = data.orders.pageInfo.endCursor;
}
assert.ok(seen.length > 0, 'the scenario has orders');
assert.equal(new Set(seen.map((order) => order.id)).size, seen.length);
passed(`admin-api-client reads ${seen.length} orders by pages`);

// Errors: of a document, of a variable, of access.
const unknown = await client.request('{ shop { colour } }');
assert.match(JSON.stringify(unknown.errors), /Field 'colour' doesn't exist on type 'Shop'/);
const invalid = await client.request('query Q($id: ID!) { order(id: $id) { id } }', { variables: { id: '17' } });
assert.match(JSON.stringify(invalid.errors), /INVALID_VARIABLE/);
const stranger = createAdminApiClient({
  storeDomain: SHOP_DOMAIN, apiVersion, accessToken: 'shpat_nobody', customFetchApi: toTwin,
});
const refused = await stranger.request('{ shop { name } }');
assert.equal(refused.errors.networkStatusCode, 401);
passed('admin-api-client is told of wrong fields, variables and tokens');

// Writes.
const subscribe = `mutation S($uri: String!) {
  webhookSubscriptionCreate(topic: ORDERS_UPDATED, webhookSubscription: { uri: $uri }) {
    webhookSubscription { id uri } userErrors { field message }
  }
}`;
const made = await client.request(subscribe, { variables: { uri: 'https://hooks.example.com/node' } });
const subscription = made.data.webhookSubscriptionCreate.webhookSubscription;
assert.deepEqual(made.data.webhookSubscriptionCreate.userErrors, []);
const again = await client.request(subscribe, { variables: { uri: 'https://hooks.example.com/node' } });
assert.equal(again.data.webhookSubscriptionCreate.userErrors[0].message, 'Address for this topic has already been taken');
const gone = await client.request(
  'mutation D($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }',
  { variables: { id: subscription.id } },
);
assert.equal(gone.data.webhookSubscriptionDelete.deletedWebhookSubscriptionId, subscription.id);
passed('admin-api-client makes and deletes a webhook subscription');

// The larger client.
const api = shopifyApi({
  apiKey: SHOP_CLIENT_ID, apiSecretKey: SHOP_CLIENT_SECRET, apiVersion: apiVersion, hostName: 'app.example.com',
  isEmbeddedApp: false, isCustomStoreApp: false, logger: { level: LogSeverity.Error },
});
setAbstractFetchFunc(toTwin);
const { session } = await api.auth.clientCredentials({ shop: SHOP_DOMAIN });
assert.ok(session.accessToken && session.expires > new Date());
passed('shopify-api buys a token by client credentials');

const graphql = new api.clients.Graphql({ session });
const shop = await graphql.request('{ shop { myshopifyDomain currencyCode } currentAppInstallation { accessScopes { handle } } }');
assert.equal(shop.data.shop.myshopifyDomain, SHOP_DOMAIN);
await assert.rejects(graphql.request('{ nothing }'), /Field 'nothing' doesn't exist on type 'QueryRoot'/);
passed('shopify-api reads the shop, and rejects by the first error');

const lasting = new Session({ id: 'twin', shop: SHOP_DOMAIN, state: '', isOnline: false, accessToken: SHOP_ACCESS_TOKEN });
const rest = new api.clients.Rest({ session: lasting });
const told = await rest.get({ path: 'shop' });
assert.equal(told.body.shop.myshopify_domain, SHOP_DOMAIN);
const payouts = await rest.get({ path: 'shopify_payments/payouts', query: { limit: 1 } });
assert.ok(Array.isArray(payouts.body.payouts));
await assert.rejects(rest.get({ path: 'nothing_here' }), (error) => error.response.code === 404);
passed('shopify-api reads REST resources');

// A bulk operation, to its file.
const inner = '{ orders { edges { node { id name lineItems { edges { node { id sku } } } } } } }';
const started = await graphql.request(
  'mutation R($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id } userErrors { message } } }',
  { variables: { q: inner } },
);
const id = started.data.bulkOperationRunQuery.bulkOperation.id;
let operation;
for (let round = 0; round < 50; round += 1) {
  const polled = await graphql.request(
    'query P($id: ID!) { node(id: $id) { ... on BulkOperation { status url objectCount } } }', { variables: { id } },
  );
  operation = polled.data.node;
  if (operation.status === 'COMPLETED') break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const lines = (await (await toTwin(operation.url)).text()).trim().split('\n').map((line) => JSON.parse(line));
assert.equal(lines.length, Number(operation.objectCount));
assert.ok(lines.some((line) => line.__parentId));
passed(`shopify-api runs a bulk operation of ${lines.length} objects`);
