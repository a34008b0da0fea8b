import ConnectorKit
import DataFormats
import Diagnostics
import HTTP

/// Reads a Shopify shop over the REST Admin API (https://shopify.dev/docs/api/admin-rest).
struct ShopifySource: Source {
  static let apiVersion = "2025-01"

  static let specification = ConfigSpecification(
    name: "source-shopify", title: "Shopify",
    summary:
      "Customers, orders with their line items and refunds, and products of a Shopify shop. What is deleted in the shop is not told: it stays as it was.",
    documentationURL: "https://shopify.dev/docs/api/admin-rest",
    fields: [
      ConfigField("shop", title: "Shop", "The name of the shop: what stands before .myshopify.com. Needed unless base_url is set.", examples: ["my-shop"]),
      ConfigField(
        "access_token", title: "Access token",
        "The Admin API access token of a custom app with the scopes read_customers, read_orders, read_all_orders and read_products.",
        isRequired: true, isSecret: true, examples: ["shpat_…"]),
      ConfigField(
        "start_date", .dateTime, title: "Start date", "Only records that changed since then are read. Not set, everything is.", examples: ["2024-01-01"]),
      ConfigField(
        "base_url", .url, title: "Base URL", "Where the shop is, if not at https://SHOP.myshopify.com.", examples: ["http://127.0.0.1:8484/shopify"]),
      ConfigField.requestRate,
    ])

  private let api: API
  private let startDate: Instant?

  init(_ config: Config, _ session: SourceSession) throws {
    var base = config.string("base_url")
    if base == nil {
      let shop = try config.required("shop", because: "unless base_url is set")
      base = "https://\(shop.replacing(".myshopify.com", with: "")).myshopify.com"
    }
    session.limitRequests(config)
    api = API(
      session, baseURL: URLText.joined(base ?? "", "admin/api/\(ShopifySource.apiVersion)"),
      authenticator: HeaderAuthenticator(name: "X-Shopify-Access-Token", value: try config.required("access_token")))
    startDate = config.instant("start_date")
  }

  func check() throws {
    try api.get("customers.json", query: [("limit", "1")]) { _ = try $0.records("customers") }
  }

  func streams() -> [any SourceStream] {
    [
      ShopifyStream(api: api, resource: "customers", schema: ShopifySchemas.customers, startDate: startDate),
      ShopifyStream(api: api, resource: "orders", schema: ShopifySchemas.orders, query: [("status", "any")], startDate: startDate),
      ShopifyStream(api: api, resource: "products", schema: ShopifySchemas.products, startDate: startDate),
    ]
  }
}
