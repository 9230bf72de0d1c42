#!/usr/bin/env python3
"""Writes schema.graphql: the part of Shopify's Admin schema that the twin serves.

The official introspection result is an argument, as found in the npm package @shopify/dev-mcp 1.16.0 under
dist/data/admin_2026-10.json.gz. Names, types, nullability, default values and enumerations are taken from there; what is
served is listed below. A build does not need this script.

    python3 slice.py admin_2026-10.json.gz > schema.graphql
"""
import gzip, json, sys

PAGE = "after before first last reverse"
MONEY = "amount currencyCode"

# Fields, each with the arguments that the twin honours in parentheses.
OBJECTS = {
    "QueryRoot": f"""
        bulkOperation(id) bulkOperations({PAGE} query) currentAppInstallation currentBulkOperation(type) customer(id)
        customers({PAGE} query sortKey) customersCount(limit query) fulfillment(id) fulfillmentOrder(id) giftCard(id) giftCards({PAGE} query sortKey)
        inventoryItem(id) location(id) locations({PAGE}) node(id) nodes(ids) order(id)
        orders({PAGE} query sortKey) ordersCount(limit query) paymentTermsTemplates(paymentTermsType) priceList(id) priceLists({PAGE})
        product(id) productVariant(id) productVariants({PAGE}) products({PAGE} query) refund(id) return(id) shop shopifyPaymentsAccount
        webhookSubscription(id) webhookSubscriptions({PAGE} topics uri) webhookSubscriptionsCount""",
    "Mutation": """
        bulkOperationCancel(id) bulkOperationRunQuery(groupObjects query) customerCreate(input) fulfillmentCancel(id)
        fulfillmentCreate(fulfillment message) fulfillmentOrderHold(fulfillmentHold id)
        fulfillmentOrderMove(fulfillmentOrderLineItems id newLocationId) fulfillmentOrderReleaseHold(holdIds id)
        fulfillmentOrderSplit(fulfillmentOrderSplits) fulfillmentTrackingInfoUpdate(fulfillmentId notifyCustomer trackingInfoInput)
        inventorySetQuantities(input) locationLocalPickupDisable(locationId)
        locationLocalPickupEnable(localPickupSettings) orderCancel(notifyCustomer orderId reason refund refundMethod restock staffNote)
        orderCreate(options order) orderMarkAsPaid(input) paymentTermsCreate(paymentTermsAttributes referenceId)
        productUpdate(product) productVariantsBulkUpdate(productId variants)
        quantityPricingByVariantUpdate(input priceListId) refundCreate(input)
        removeFromReturn(returnId returnLineItems) returnApproveRequest(input) returnCancel(id notifyCustomer)
        returnClose(id) returnCreate(returnInput) returnDeclineRequest(input) returnProcess(input) returnReopen(id)
        returnRequest(input) webhookSubscriptionCreate(topic webhookSubscription)
        webhookSubscriptionDelete(id) webhookSubscriptionUpdate(id webhookSubscription)""",
    "Shop": "currencyCode id myshopifyDomain name ianaTimezone",
    "AppInstallation": "accessScopes",
    "AccessScope": "handle",
    "Order": f"""
        agreements({PAGE}) billingAddress cancelReason cancelledAt capturable closed closedAt createdAt currencyCode
        currentTotalAdditionalFeesSet currentTotalDutiesSet currentTotalPriceSet currentTotalTaxSet customAttributes
        customer discountCodes displayFinancialStatus displayFulfillmentStatus email fulfillmentOrders({PAGE})
        fulfillments(first) id legacyResourceId lineItems({PAGE}) localizationExtensions({PAGE}) localizedFields({PAGE})
        merchantEditable name netPaymentSet note paymentGatewayNames paymentTerms phone poNumber presentmentCurrencyCode
        processedAt purchasingEntity refunds(first) returnStatus returns({PAGE}) shippingAddress shippingLines({PAGE})
        subtotalPriceSet tags taxesIncluded test totalCapturable totalCapturableSet totalDiscountsSet totalOutstandingSet
        totalPriceSet totalReceivedSet totalRefundedSet totalTaxSet totalTipReceivedSet transactions(first) updatedAt""",
    "Attribute": "key value",
    "LocalizationExtension": "key value",
    "LocalizedField": "key value",
    "Customer": f"""amountSpent defaultEmailAddress defaultPhoneNumber displayName email firstName id lastName lastOrder legacyResourceId note
        numberOfOrders orders({PAGE}) phone tags""",
    "CustomerEmailAddress": "emailAddress",
    "CustomerPhoneNumber": "phoneNumber",
    "PurchasingCompany": "company location",
    "Company": "name",
    "CompanyLocation": "id name",
    "MailingAddress": """address1 address2 city company country countryCodeV2 firstName lastName name phone province
        provinceCode zip""",
    "LineItem": """currentQuantity customAttributes discountAllocations fulfillableQuantity id isGiftCard name
        originalTotalSet originalUnitPriceSet product quantity requiresShipping sku taxLines(first) taxable title
        unfulfilledQuantity variant variantTitle vendor""",
    "ShippingLine": "discountAllocations id originalPriceSet taxLines title",
    "DiscountAllocation": "allocatedAmountSet discountApplication",
    "AutomaticDiscountApplication": "index title",
    "DiscountCodeApplication": "code index",
    "ManualDiscountApplication": "index title",
    "ScriptDiscountApplication": "index title",
    "TaxLine": "channelLiable priceSet rate title",
    "MoneyBag": "presentmentMoney shopMoney",
    "MoneyV2": MONEY,
    "OrderTransaction": """amountRoundingSet amountSet gateway id kind parentTransaction processedAt status""",
    "Fulfillment": f"""createdAt displayStatus fulfillmentLineItems({PAGE}) id legacyResourceId order status
        trackingInfo(first) updatedAt""",
    "FulfillmentTrackingInfo": "company number url",
    "FulfillmentLineItem": "id lineItem quantity",
    "FulfillmentOrder": f"""assignedLocation createdAt fulfillAt fulfillBy fulfillmentHolds id lineItems({PAGE})
        merchantRequests({PAGE}) order orderId orderName requestStatus status supportedActions updatedAt""",
    "FulfillmentOrderAssignedLocation": "location name",
    "FulfillmentOrderLineItem": "id lineItem remainingQuantity totalQuantity",
    "FulfillmentOrderMerchantRequest": "kind message requestOptions",
    "FulfillmentOrderSupportedAction": "action",
    "FulfillmentHold": "displayReason handle heldByApp heldByRequestingApp id reason reasonNotes",
    "App": "id title",
    "Refund": f"""createdAt duties id legacyResourceId note order orderAdjustments({PAGE}) refundLineItems({PAGE})
        refundShippingLines({PAGE}) return totalRefundedSet transactions({PAGE})""",
    "RefundLineItem": "id lineItem location quantity restockType subtotalSet totalTaxSet",
    "RefundShippingLine": "shippingLine subtotalAmountSet taxAmountSet",
    "RefundDuty": "amountSet",
    "OrderAdjustment": "amountSet reason taxAmountSet",
    "Return": f"closedAt decline id name order returnLineItems({PAGE}) status totalQuantity",
    "ReturnDecline": "note reason",
    "ReturnLineItem": """customerNote fulfillmentLineItem id processedQuantity quantity returnReason returnReasonNote
        unprocessedQuantity""",
    "RefundAgreement": f"refund sales({PAGE})",
    "ReturnAgreement": f"return sales({PAGE})",
    "FeeSale": "fee lineType totalAmount totalTaxAmount",
    "ProductSale": "lineType totalAmount totalTaxAmount",
    "ShippingLineSale": "lineType totalAmount totalTaxAmount",
    "TipSale": "lineType totalAmount totalTaxAmount",
    "RestockingFee": "",
    "ReturnShippingFee": "",
    "GiftCard": "balance createdAt enabled expiresOn id initialValue order",
    "Location": f"""fulfillsOnlineOrders id inventoryLevel(inventoryItemId) inventoryLevels({PAGE}) isActive
        isFulfillmentService legacyResourceId localPickupSettingsV2 name shipsInventory""",
    "DeliveryLocalPickupSettings": "instructions pickupTime",
    "InventoryLevel": "item location quantities(names)",
    "InventoryQuantity": "name quantity",
    "InventoryItem": "id legacyResourceId measurement requiresShipping sku tracked variant",
    "InventoryItemMeasurement": "weight",
    "Weight": "unit value",
    "InventoryAdjustmentGroup": "id",
    "Product": f"handle hasOnlyDefaultVariant id legacyResourceId status title updatedAt variants({PAGE})",
    "ProductVariant": "barcode id inventoryItem legacyResourceId price product sku taxable title updatedAt",
    "PriceList": f"catalog currency id prices({PAGE} originType)",
    "CompanyLocationCatalog": f"companyLocations({PAGE})",
    "PriceListPrice": f"price quantityPriceBreaks({PAGE}) variant",
    "QuantityPriceBreak": "minimumQuantity price",
    "PaymentTerms": "dueInDays id paymentTermsName paymentTermsType translatedName",
    "PaymentTermsTemplate": "description dueInDays id name paymentTermsType translatedName",
    "ShopifyPaymentsAccount": f"""balanceTransactions({PAGE} hideTransfers query sortKey) disputes({PAGE} query)
        payouts({PAGE} query sortKey)""",
    "ShopifyPaymentsPayout": "externalTraceId id issuedAt legacyResourceId net status",
    "ShopifyPaymentsBalanceTransaction": """adjustmentReason amount associatedOrder associatedPayout fee id net
        sourceId sourceOrderTransactionId sourceType transactionDate type""",
    "ShopifyPaymentsAssociatedOrder": "id",
    "ShopifyPaymentsBalanceTransactionAssociatedPayout": "id",
    "ShopifyPaymentsDispute": "amount finalizedOn id initiatedAt legacyResourceId order status type",
    "WebhookSubscription": """apiVersion callbackUrl createdAt filter format id includeFields legacyResourceId
        metafieldNamespaces name topic updatedAt uri""",
    "ApiVersion": "displayName handle supported",
    "BulkOperation": """completedAt createdAt errorCode fileSize id objectCount partialDataUrl query rootObjectCount
        status type url""",
    "Count": "count precision",
    "Job": "done id",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "UserError": "field message",
    "BulkOperationUserError": "code field message",
    "InventorySetQuantitiesUserError": "code field message",
    "DeliveryLocationLocalPickupSettingsError": "code field message",
    "FulfillmentOrderHoldUserError": "code field message",
    "FulfillmentOrderMoveFulfillmentOrderMoveUserError": "code field message",
    "FulfillmentOrderReleaseHoldUserError": "code field message",
    "FulfillmentOrderSplitUserError": "code field message",
    "OrderCancelUserError": "code field message",
    "OrderCreateUserError": "code field message",
    "PaymentTermsCreateUserError": "code field message",
    "ProductVariantsBulkUpdateUserError": "code field message",
    "QuantityPricingByVariantUserError": "code field message",
    "ReturnUserError": "code field message",
}
PAYLOADS = {
    "BulkOperationCancelPayload": "bulkOperation userErrors",
    "BulkOperationRunQueryPayload": "bulkOperation userErrors",
    "CustomerCreatePayload": "customer userErrors",
    "FulfillmentCancelPayload": "fulfillment userErrors",
    "FulfillmentCreatePayload": "fulfillment userErrors",
    "FulfillmentOrderHoldPayload": "fulfillmentHold fulfillmentOrder remainingFulfillmentOrder userErrors",
    "FulfillmentOrderMovePayload": """movedFulfillmentOrder originalFulfillmentOrder remainingFulfillmentOrder
        userErrors""",
    "FulfillmentOrderReleaseHoldPayload": "fulfillmentOrder userErrors",
    "FulfillmentOrderSplitPayload": "fulfillmentOrderSplits userErrors",
    "FulfillmentOrderSplitResult": "fulfillmentOrder remainingFulfillmentOrder replacementFulfillmentOrder",
    "FulfillmentTrackingInfoUpdatePayload": "fulfillment userErrors",
    "InventorySetQuantitiesPayload": "inventoryAdjustmentGroup userErrors",
    "LocationLocalPickupDisablePayload": "locationId userErrors",
    "LocationLocalPickupEnablePayload": "localPickupSettings userErrors",
    "OrderCancelPayload": "job orderCancelUserErrors userErrors",
    "OrderCreatePayload": "order userErrors",
    "OrderMarkAsPaidPayload": "order userErrors",
    "PaymentTermsCreatePayload": "paymentTerms userErrors",
    "ProductUpdatePayload": "product userErrors",
    "ProductVariantsBulkUpdatePayload": "product productVariants userErrors",
    "QuantityPricingByVariantUpdatePayload": "productVariants userErrors",
    "RefundCreatePayload": "order refund userErrors",
    "RemoveFromReturnPayload": "return userErrors",
    "ReturnApproveRequestPayload": "return userErrors",
    "ReturnCancelPayload": "return userErrors",
    "ReturnClosePayload": "return userErrors",
    "ReturnCreatePayload": "return userErrors",
    "ReturnDeclineRequestPayload": "return userErrors",
    "ReturnProcessPayload": "return userErrors",
    "ReturnReopenPayload": "return userErrors",
    "ReturnRequestPayload": "return userErrors",
    "WebhookSubscriptionCreatePayload": "userErrors webhookSubscription",
    "WebhookSubscriptionDeletePayload": "deletedWebhookSubscriptionId userErrors",
    "WebhookSubscriptionUpdatePayload": "userErrors webhookSubscription",
}
INTERFACES = {
    "Node": "id",
    "Catalog": "",
    "DiscountApplication": "index",
    "Fee": "",
    "ReturnLineItemType": "customerNote id processedQuantity quantity returnReason returnReasonNote unprocessedQuantity",
    "Sale": "lineType totalAmount totalTaxAmount",
    "SalesAgreement": f"sales({PAGE})",
    "DisplayableError": "field message",
}
UNIONS = {"PurchasingEntity": "Customer PurchasingCompany"}
INPUTS = {
    "CustomerInput": "email firstName lastName note phone tags",
    "DeliveryLocationLocalPickupEnableInput": "instructions locationId pickupTime",
    "FulfillmentOrderHoldInput": "externalId fulfillmentOrderLineItems handle notifyMerchant reason reasonNotes",
    "FulfillmentOrderSplitInput": "fulfillmentOrderId fulfillmentOrderLineItems",
    "FulfillmentInput": "lineItemsByFulfillmentOrder notifyCustomer trackingInfo",
    "FulfillmentOrderLineItemsInput": "fulfillmentOrderId fulfillmentOrderLineItems",
    "FulfillmentOrderLineItemInput": "id quantity",
    "FulfillmentTrackingInput": "company number numbers url urls",
    "InventorySetQuantitiesInput": "name quantities reason referenceDocumentUri",
    "InventoryQuantityInput": "changeFromQuantity inventoryItemId locationId quantity",
    "MailingAddressInput": "address1 address2 city countryCode firstName lastName phone provinceCode zip",
    "MoneyBagInput": "presentmentMoney shopMoney",
    "OrderCancelRefundMethodInput": "originalPaymentMethodsRefund",
    "OrderCreateAssociateCustomerAttributesInput": "email id",
    "OrderCreateCustomAttributeInput": "key value",
    "OrderCreateCustomerInput": "toAssociate toUpsert",
    "OrderCreateLineItemInput": """giftCard priceSet productId properties quantity requiresShipping sku taxLines taxable
        title variantId variantTitle vendor""",
    "OrderCreateLineItemPropertyInput": "name value",
    "OrderCreateOptionsInput": "inventoryBehaviour sendFulfillmentReceipt sendReceipt",
    "OrderCreateOrderInput": """billingAddress companyLocationId currency customAttributes customer customerId email
        financialStatus lineItems note phone poNumber presentmentCurrency processedAt shippingAddress shippingLines tags
        taxesIncluded test transactions""",
    "OrderCreateOrderTransactionInput": "amountSet gateway kind processedAt status test",
    "OrderCreateShippingLineInput": "code priceSet source taxLines title",
    "OrderCreateTaxLineInput": "channelLiable priceSet rate title",
    "OrderCreateUpsertCustomerAttributesInput": "email firstName lastName phone",
    "OrderMarkAsPaidInput": "id",
    "OrderTransactionInput": "amount gateway kind orderId parentId",
    "RefundInput": """currency discrepancyReason note notify orderId refundLineItems shipping transactions""",
    "RefundLineItemInput": "lineItemId locationId quantity restockType",
    "ReturnApproveRequestInput": "id notifyCustomer",
    "ReturnDeclineRequestInput": "declineNote declineReason id notifyCustomer",
    "ReturnInput": "notifyCustomer orderId requestedAt returnLineItems unprocessed",
    "ReturnLineItemInput": "fulfillmentLineItemId quantity returnReason returnReasonNote",
    "ReturnLineItemRemoveFromReturnInput": "quantity returnLineItemId",
    "ReturnProcessInput": "notifyCustomer returnId returnLineItems",
    "ReturnProcessReturnLineItemInput": "id quantity",
    "ReturnRequestInput": "orderId returnLineItems",
    "ReturnRequestLineItemInput": "customerNote fulfillmentLineItemId quantity returnReason",
    "ShippingRefundInput": "amount fullRefund",
    "PaymentTermsCreateInput": "paymentSchedules paymentTermsTemplateId",
    "PaymentScheduleInput": "dueAt issuedAt",
    "ProductUpdateInput": "id status title",
    "ProductVariantsBulkInput": "barcode id inventoryItem price",
    "InventoryItemInput": "measurement",
    "InventoryItemMeasurementInput": "weight",
    "WeightInput": "unit value",
    "QuantityPricingByVariantUpdateInput": """pricesToAdd pricesToDeleteByVariantId quantityPriceBreaksToAdd
        quantityPriceBreaksToDelete quantityPriceBreaksToDeleteByVariantId quantityRulesToAdd
        quantityRulesToDeleteByVariantId""",
    "PriceListPriceInput": "price variantId",
    "MoneyInput": "amount currencyCode",
    "QuantityPriceBreakInput": "minimumQuantity price variantId",
    "QuantityRuleInput": "increment maximum minimum variantId",
    "WebhookSubscriptionInput": "callbackUrl filter format includeFields metafieldNamespaces name uri",
}


# Bulk mutations, drafts and terms, beside what stands above.
for name, more in {
    "QueryRoot": "draftOrder(id)",
    "Mutation": """productCreate(product) bulkOperationRunMutation(clientIdentifier groupObjects mutation stagedUploadPath)
        draftOrderComplete(id paymentGatewayId paymentPending sourceName) draftOrderCreate(input) draftOrderDelete(input) giftCardCreate(input)
        giftCardUpdate(id input) paymentTermsDelete(input) paymentTermsUpdate(input) stagedUploadsCreate(input)""",
    "Collection": "handle id title",
    "MediaImage": "id",
    "Metafield": "id key namespace type value",
    "Product": f"tags collections({PAGE}) media({PAGE}) metafields({PAGE} keys namespace)",
    "Shop": "plan taxesIncluded taxShipping",
    "ShopPlan": "shopifyPlus",
    "GiftCard": "note templateSuffix updatedAt",
    "GiftCardUserError": "code field message",
    "PaymentTerms": f"draftOrder due order overdue paymentSchedules({PAGE})",
    "PaymentSchedule": "amount balanceDue completedAt due dueAt id issuedAt paymentTerms totalBalance",
    "PaymentTermsDeleteUserError": "code field message",
    "PaymentTermsUpdateUserError": "code field message",
    "DraftOrder": f"""completedAt createdAt currencyCode email id legacyResourceId lineItems({PAGE}) name note2 order
        paymentTerms presentmentCurrencyCode ready status subtotalPriceSet tags taxExempt totalPriceSet
        totalQuantityOfLineItems updatedAt""",
    "DraftOrderLineItem": """custom id name originalTotalSet originalUnitPriceSet quantity requiresShipping sku taxable title
        variant""",
    "StagedMediaUploadTarget": "parameters resourceUrl url",
    "StagedUploadParameter": "name value",
    "BulkMutationUserError": "code field message",
    "WebhookEventBridgeEndpoint": "arn",
    "WebhookHttpEndpoint": "callbackUrl",
    "WebhookPubSubEndpoint": "pubSubProject pubSubTopic",
    "WebhookSubscription": "endpoint metafields",
    "WebhookSubscriptionMetafieldIdentifier": "key namespace",
}.items():
    OBJECTS[name] = f"{OBJECTS.get(name, '')} {more}"
OBJECTS["QueryRoot"] = OBJECTS["QueryRoot"].replace(f"bulkOperations({PAGE} query)", f"bulkOperations({PAGE} query sortKey)")
OBJECTS["QueryRoot"] = OBJECTS["QueryRoot"].replace(
    f"webhookSubscriptions({PAGE} topics uri) webhookSubscriptionsCount",
    f"webhookSubscriptions({PAGE} callbackUrl format query sortKey topics uri) webhookSubscriptionsCount(limit query)",
)
INTERFACES["Media"] = "id"
UNIONS["WebhookSubscriptionEndpoint"] = "WebhookEventBridgeEndpoint WebhookHttpEndpoint WebhookPubSubEndpoint"
INPUTS["InventoryItemInput"] += " requiresShipping sku"
INPUTS["ProductVariantsBulkInput"] += " taxable"
INPUTS["WebhookSubscriptionInput"] += " metafields"
PAYLOADS |= {
    "BulkOperationRunMutationPayload": "bulkOperation userErrors",
    "ProductCreatePayload": "product userErrors",
    "DraftOrderCompletePayload": "draftOrder userErrors",
    "DraftOrderCreatePayload": "draftOrder userErrors",
    "DraftOrderDeletePayload": "deletedId userErrors",
    "GiftCardCreatePayload": "giftCard giftCardCode userErrors",
    "GiftCardUpdatePayload": "giftCard userErrors",
    "PaymentTermsDeletePayload": "deletedId userErrors",
    "PaymentTermsUpdatePayload": "paymentTerms userErrors",
    "StagedUploadsCreatePayload": "stagedTargets userErrors",
}
INPUTS |= {
    "DraftOrderDeleteInput": "id",
    "DraftOrderInput": "email lineItems note presentmentCurrencyCode tags taxExempt",
    "DraftOrderLineItemInput": """originalUnitPrice originalUnitPriceWithCurrency quantity requiresShipping sku taxable title
        variantId""",
    "GiftCardCreateInput": "code expiresOn initialValue note templateSuffix",
    "GiftCardUpdateInput": "expiresOn note templateSuffix",
    "HasMetafieldsMetafieldIdentifierInput": "key namespace",
    "PaymentTermsDeleteInput": "paymentTermsId",
    "PaymentTermsInput": "paymentSchedules paymentTermsTemplateId",
    "PaymentTermsUpdateInput": "paymentTermsAttributes paymentTermsId",
    "ProductCreateInput": "status tags title",
    "StagedUploadInput": "fileSize filename httpMethod mimeType resource",
}


def names(text):
    """`a b(c d)` as [("a", []), ("b", ["c", "d"])]."""
    out, depth, word = [], 0, ""
    for letter in text + " ":
        if letter.isspace() and depth == 0:
            if word:
                name, _, args = word.partition("(")
                out.append((name, args.rstrip(")").split()))
            word = ""
            continue
        depth += (letter == "(") - (letter == ")")
        word += letter
    return out


def main(path):
    with gzip.open(path) as file:
        official = json.load(file)["data"]["__schema"]
    types = {entry["name"]: entry for entry in official["types"]}
    wanted, lines = set(), []

    def spell(kind):
        if kind["kind"] == "NON_NULL":
            return spell(kind["ofType"]) + "!"
        if kind["kind"] == "LIST":
            return "[" + spell(kind["ofType"]) + "]"
        wanted.add(kind["name"])
        return kind["name"]

    def argument(entry):
        default = entry["defaultValue"]
        return f"{entry['name']}: {spell(entry['type'])}" + (f" = {default}" if default is not None else "")

    def fields(type_name, text):
        known = {field["name"]: field for field in types[type_name]["fields"]}
        for name, kept in names(text):
            field = known.get(name) or sys.exit(f"{type_name} has no field {name}")
            have = {entry["name"]: entry for entry in field["args"]}
            missing = [entry for entry in kept if entry not in have]
            if missing:
                sys.exit(f"{type_name}.{name} has no argument {missing}")
            args = ", ".join(argument(have[entry]) for entry in sorted(kept))
            lines.append(f"  {name}{f'({args})' if args else ''}: {spell(field['type'])}")

    def interfaces(type_name):
        kept = [entry["name"] for entry in types[type_name]["interfaces"] or [] if entry["name"] in INTERFACES]
        if "Node" in kept and "id" not in served.get(type_name, ""):
            kept.remove("Node")
        return f" implements {' & '.join(sorted(kept))}" if kept else ""

    served = {name: [field for field, _ in names(text)] for name, text in {**OBJECTS, **PAYLOADS}.items()}
    lines.append("# The part of Shopify's Admin schema, version 2026-10, that the twin serves. Written by slice.py.\n")
    lines.append("directive @idempotent(key: String!) on FIELD\n")
    lines.append("schema { query: QueryRoot mutation: Mutation }\n")
    for name, text in sorted(INTERFACES.items()):
        lines.append(f"interface {name} {{")
        fields(name, text or "id")
        lines.append("}\n")
    for name, text in sorted({**OBJECTS, **PAYLOADS}.items()):
        lines.append(f"type {name}{interfaces(name)} {{")
        extra = "id" if not text or name in ("CompanyLocationCatalog",) else ""
        fields(name, f"{text} {extra}")
        lines.append("}\n")
    connections = [name for name in sorted(wanted) if name.endswith("Connection")]
    for name in connections:
        edge = name.removesuffix("Connection") + "Edge"
        for part, text in ((name, "edges nodes pageInfo"), (edge, "cursor node")):
            lines.append(f"type {part} {{")
            fields(part, text)
            lines.append("}\n")
    for name, members in sorted(UNIONS.items()):
        lines.append(f"union {name} = {' | '.join(members.split())}\n")
    for name, text in sorted(INPUTS.items()):
        known = {field["name"]: field for field in types[name]["inputFields"]}
        lines.append(f"input {name} {{")
        lines.extend(f"  {argument(known[field])}" for field, _ in names(text))
        lines.append("}\n")
    for name in sorted(wanted):
        entry = types[name]
        if entry["kind"] == "ENUM":
            lines.append(f"enum {name} {{ {' '.join(value['name'] for value in entry['enumValues'])} }}\n")
        elif entry["kind"] == "SCALAR" and name not in ("ID", "Int", "Float", "String", "Boolean"):
            lines.append(f"scalar {name}\n")
    edges = [name.removesuffix("Connection") + "Edge" for name in connections]
    defined = {*OBJECTS, *PAYLOADS, *INTERFACES, *UNIONS, *INPUTS, *connections, *edges}
    composite = {name for name in wanted if types[name]["kind"] in ("OBJECT", "INTERFACE", "UNION", "INPUT_OBJECT")}
    if composite - defined:
        sys.exit(f"used and not listed: {sorted(composite - defined)}")
    print("\n".join(lines))


main(sys.argv[1])
