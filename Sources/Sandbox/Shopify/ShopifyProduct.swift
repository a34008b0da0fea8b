/// Shopify's product resource (https://shopify.dev/docs/api/admin-rest/latest/resources/product).
enum ShopifyProduct {
  static func identifier(_ index: Int) -> Int64 { 8_700_000_000_000 + Int64(index) * 31 }

  static func variant(_ index: Int, _ variant: Int) -> Int64 { 46_000_000_000_000 + Int64(index) * 310 + Int64(variant) * 31 }

  static func sku(_ product: Product, _ variant: Int) -> String {
    "\(product.category.prefix(3).uppercased())-\(1_000 + product.index)-\(variant + 1)"
  }

  static func write(_ ref: Ref, in world: World, to json: inout JSONBytes) {
    let product = Product(ref.owner, of: world.company)
    let id = identifier(product.index)
    let zone = ShopifyCustomer.zone
    let offset = ShopifyCustomer.offset
    let updated = product.updated(at: world.now)
    let counts = product.counts(at: world.now)
    json.object { json in
      json.field("id", id)
      json.field("title", product.title)
      json.field("body_html", "<p>\(product.title) by <b>\(product.vendor)</b></p>")
      json.field("vendor", product.vendor)
      json.field("product_type", product.category)
      json.time("created_at", product.created + offset, suffix: zone)
      json.field("handle", product.title.split(separator: " ").map { Spelling.ascii(String($0)) }.joined(separator: "-") + "-\(product.index)")
      json.time("updated_at", updated + offset, suffix: zone)
      json.time("published_at", product.created + offset, suffix: zone)
      json.null("template_suffix")
      json.field("published_scope", "web")
      json.field("tags", product.tags)
      json.field("status", product.index % 40 == 39 ? "archived" : "active")
      json.field("admin_graphql_api_id", "gid://shopify/Product/\(id)")
      json.array("variants") { json in
        for (position, size) in product.variants.enumerated() {
          json.object { json in
            json.field("id", variant(product.index, position))
            json.field("product_id", id)
            json.field("title", size)
            json.money("price", cents: product.cents)
            json.field("position", position + 1)
            json.field("inventory_policy", "deny")
            json.field("compare_at_price", product.tags.contains("sale") ? Money.text(cents: product.cents * 5 / 4) : nil)
            json.field("option1", size)
            json.field("sku", sku(product, position))
            json.field("grams", 420)
            json.field("inventory_quantity", Int((counts * 37 + Int64(position * 11 + product.index)) % 120))
            json.time("created_at", product.created + offset, suffix: zone)
            json.time("updated_at", updated + offset, suffix: zone)
          }
        }
      }
      json.array("options") { json in
        json.object { json in
          json.field("id", id + 1_000_000_000_000)
          json.field("product_id", id)
          json.field("name", "Size")
          json.field("position", 1)
          json.array("values") { json in
            for size in product.variants { json.string(size) }
          }
        }
      }
      json.array("images") { _ in }
      json.null("image")
    }
  }
}
