"""The public client `netsuite` (PyPI, MIT) against the twin.

It composes its host from the account and speaks https only. Its host name is resolved to loopback here, and TLS ends in
front of the twin; the client itself is unmodified.
"""

import asyncio
import json
import os
import socket
import ssl
from urllib.parse import urlsplit

from netsuite import Config, NetSuiteRestApi, TokenAuth
from netsuite.exceptions import NetsuiteAPIRequestError

TWIN = json.loads(os.environ["TWIN"])
resolve = socket.getaddrinfo


def on_loopback(host, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else host
    return resolve("127.0.0.1" if name and name.endswith(".netsuite.com") else host, *rest, **named)


socket.getaddrinfo = on_loopback


async def ends_tls(reader, writer):
    address = urlsplit(TWIN["url"])
    inner_reader, inner_writer = await asyncio.open_connection(address.hostname, address.port)

    async def pump(source, sink):
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        except (ConnectionError, ssl.SSLError):
            pass
        sink.close()

    try:
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))
    except asyncio.CancelledError:
        pass  # The clients are done.


def client(account, token_secret, port):
    auth = TokenAuth(
        consumer_key=TWIN["consumerKey"],
        consumer_secret=TWIN["consumerSecret"],
        token_id=TWIN["tokenId"],
        token_secret=token_secret,
    )
    api = NetSuiteRestApi(Config(account=account, auth=auth))
    api.hostname = f"{api.hostname}:{port}"
    return api


async def refused(call, status, text):
    try:
        await call
    except NetsuiteAPIRequestError as error:
        assert (error.status_code, text in error.response_text) == (status, True), error
        return
    raise AssertionError(f"{text} was expected")


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.environ["SSL_CERT_FILE"], os.environ["TLS_KEY"])
    server = await asyncio.start_server(ends_tls, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    api = client(TWIN["account"], TWIN["tokenSecret"], port)
    tag = os.urandom(4).hex()
    subsidiary = (await api.get("/record/v1/subsidiary"))["items"][0]["id"]

    # Writes and reads.
    body = {"companyName": f"Ana {tag}", "email": f"{tag}@x.example", "subsidiary": {"id": subsidiary}}
    assert await api.put(f"/record/v1/customer/eid:py-{tag}", json=body) is None
    found = await api.get(f"/record/v1/customer/eid:py-{tag}")
    assert found["companyName"] == body["companyName"], found
    assert await api.patch(f"/record/v1/customer/{found['id']}", json={"email": f"new-{tag}@x.example"}) is None
    assert (await api.get(f"/record/v1/customer/{found['id']}"))["email"] == f"new-{tag}@x.example"
    item = (await api.suiteql(q="SELECT id FROM item ORDER BY id", limit=1))["items"][0]["id"]
    for number in range(3):
        order = {
            "externalId": f"py-{tag}-{number}",
            "entity": {"id": found["id"]},
            "item": {"items": [{"item": {"id": item}, "quantity": 2, "rate": 12.5}]},
        }
        assert await api.post("/record/v1/salesOrder", json=order) is None
    order = await api.get(f"/record/v1/salesOrder/eid:py-{tag}-0", params={"expandSubResources": "true"})
    assert (order["total"], order["item"]["items"][0]["quantity"]) == (25.0, 2), order

    # Paging, of records and of queries.
    page = await api.get("/record/v1/salesOrder", params={"limit": 2, "offset": 0})
    assert (page["count"], page["hasMore"]) == (2, True), page
    query = f"SELECT id, externalid AS Key FROM transaction WHERE externalid LIKE 'py-{tag}-%' ORDER BY id"
    rows, offset = [], 0
    while True:
        page = await api.suiteql(q=query, limit=2, offset=offset)
        rows += page["items"]
        if not page["hasMore"]:
            break
        offset += 2
    assert [row["key"] for row in rows] == [f"py-{tag}-{number}" for number in range(3)], rows

    # What records look like.
    assert "email" in (await api.jsonschema("customer"))["properties"]
    assert "salesOrder" in (await api.openapi(["salesOrder"]))["components"]["schemas"]

    # Errors.
    await refused(api.get("/record/v1/customer/-1"), 404, "The record instance does not exist.")
    await refused(api.post("/record/v1/customer", json={}), 400, "Please enter value(s) for: ")
    await refused(api.post("/record/v1/customer", json={"nope": 1}), 400, "nope")
    await refused(api.suiteql("SELECT id FROM nowhere"), 400, "Invalid search type: nowhere.")
    await refused(api.suiteql("SELECT nope FROM customer"), 400, "Unknown identifier 'nope'")
    await refused(client(TWIN["account"], "wrong", port).get("/record/v1/customer"), 401, "Invalid login attempt.")
    await refused(client("7654321", TWIN["tokenSecret"], port).get("/record/v1/customer"), 401, "Invalid login attempt.")
    assert await api.put(f"/record/v1/customer/eid:py-{tag}-gone", json=body) is None
    assert await api.delete(f"/record/v1/customer/eid:py-{tag}-gone") is None
    await refused(api.get(f"/record/v1/customer/eid:py-{tag}-gone"), 404, "does not exist")
    server.close()
    print("netsuite (Python): reads, writes, pages and errors as the client expects them")


asyncio.run(main())
