"""The official Python client against the twin: GraphQL, REST resources, paging, errors."""
import json
import os
from urllib.parse import urlparse

import pyactiveresource.connection
import shopify

endpoint = urlparse(os.environ["SHOP_ENDPOINT"])
first, _, rest = endpoint.hostname.partition(".")
# The client puts a shop before a domain: the two halves of the address serve as both.
shopify.Session.setup(protocol="http", myshopify_domain=rest, port=endpoint.port)


def session(token):
    shopify.ShopifyResource.activate_session(shopify.Session(f"{endpoint.hostname}", "2026-10", token))


def passed(what):
    print(f"python  ok  {what}")


session(os.environ["SHOP_ACCESS_TOKEN"])
shop = shopify.Shop.current()
assert shop.myshopify_domain == os.environ["SHOP_DOMAIN"], shop.myshopify_domain
limit = shopify.Limits.credit_limit()
passed(f"reads the shop; {limit} calls fit the bucket")

query = "query Q($n: Int!) { orders(first: $n) { nodes { id name updatedAt } pageInfo { hasNextPage endCursor } } }"
told = json.loads(shopify.GraphQL().execute(query, variables={"n": 2}))
assert told["data"]["orders"]["nodes"], told
passed("asks GraphQL with variables")
# Without variables it sends nulls.
told = json.loads(shopify.GraphQL().execute("{ shop { name } }"))
assert told["data"]["shop"]["name"], told
told = json.loads(shopify.GraphQL().execute("mutation { fulfillmentCancel(id: \"gid://shopify/Fulfillment/404\") { userErrors { message } } }"))
assert told["data"]["fulfillmentCancel"]["userErrors"], told
passed("asks GraphQL without variables, and is told of user errors")

payouts = shopify.Payouts.find(limit=1)
pages = 1
while payouts.has_next_page() and pages < 4:
    payouts = payouts.next_page()
    pages += 1
passed(f"reads payouts by {pages} page(s)")
rows = shopify.Transactions.find(limit=5)
passed(f"reads {len(rows)} balance transactions")

session("shpat_nobody")
try:
    shopify.Shop.current()
    raise SystemExit("a stranger was let in")
except pyactiveresource.connection.UnauthorizedAccess:
    passed("is told of a wrong token")
