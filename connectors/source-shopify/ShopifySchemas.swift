import ConnectorKit

/// What Shopify's records hold (https://shopify.dev/docs/api/admin-rest/2025-01/resources/customer, …/order, …/product).
enum ShopifySchemas {
  static let customers: StreamSchema = [
    "id": .integer, "email": .string, "accepts_marketing": .boolean, "accepts_marketing_updated_at": .dateTime, "created_at": .dateTime,
    "updated_at": .dateTime, "first_name": .string, "last_name": .string, "orders_count": .integer, "state": .string, "total_spent": .string,
    "last_order_id": .integer, "last_order_name": .string, "note": .string, "verified_email": .boolean, "multipass_identifier": .string,
    "tax_exempt": .boolean, "tax_exemptions": .array, "tags": .string, "currency": .string, "phone": .string, "addresses": .array,
    "default_address": .object, "email_marketing_consent": .object, "sms_marketing_consent": .object, "marketing_opt_in_level": .string,
    "admin_graphql_api_id": .string,
  ]

  static let orders: StreamSchema = [
    "id": .integer, "admin_graphql_api_id": .string, "app_id": .integer, "browser_ip": .string, "buyer_accepts_marketing": .boolean,
    "cancel_reason": .string, "cancelled_at": .dateTime, "cart_token": .string, "checkout_id": .integer, "checkout_token": .string,
    "client_details": .object, "closed_at": .dateTime, "confirmation_number": .string, "confirmed": .boolean, "contact_email": .string,
    "created_at": .dateTime, "currency": .string, "current_subtotal_price": .string, "current_total_discounts": .string,
    "current_total_price": .string, "current_total_tax": .string, "customer": .object, "customer_locale": .string, "device_id": .integer,
    "discount_applications": .array, "discount_codes": .array, "email": .string, "estimated_taxes": .boolean, "financial_status": .string,
    "fulfillment_status": .string, "fulfillments": .array, "billing_address": .object, "shipping_address": .object, "landing_site": .string,
    "landing_site_ref": .string, "line_items": .array, "location_id": .integer, "merchant_of_record_app_id": .integer, "name": .string,
    "note": .string, "note_attributes": .array, "number": .integer, "order_number": .integer, "order_status_url": .string,
    "payment_gateway_names": .array, "payment_terms": .object, "phone": .string, "po_number": .string, "presentment_currency": .string,
    "processed_at": .dateTime, "reference": .string, "referring_site": .string, "refunds": .array, "shipping_lines": .array,
    "source_identifier": .string, "source_name": .string, "source_url": .string, "subtotal_price": .string, "tags": .string,
    "tax_exempt": .boolean, "tax_lines": .array, "taxes_included": .boolean, "test": .boolean, "token": .string, "total_discounts": .string,
    "total_line_items_price": .string, "total_outstanding": .string, "total_price": .string, "total_shipping_price_set": .object,
    "total_tax": .string, "total_tip_received": .string, "total_weight": .integer, "updated_at": .dateTime, "user_id": .integer,
  ]

  static let products: StreamSchema = [
    "id": .integer, "admin_graphql_api_id": .string, "body_html": .string, "created_at": .dateTime, "handle": .string, "image": .object,
    "images": .array, "options": .array, "product_type": .string, "published_at": .dateTime, "published_scope": .string, "status": .string,
    "tags": .string, "template_suffix": .string, "title": .string, "updated_at": .dateTime, "variants": .array, "vendor": .string,
  ]
}
