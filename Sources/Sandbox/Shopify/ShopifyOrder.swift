/// Shopify's order resource (https://shopify.dev/docs/api/admin-rest/latest/resources/order).
enum ShopifyOrder {
  static func identifier(_ ref: Ref, _ company: Company) -> Int64 {
    5_200_000_000_000 + Int64(ref.owner << 12 | ref.number) * 13 + Int64(company.identifiers.scramble(.checkout, ref) % 13)
  }

  /// `open`, `closed` or `cancelled`, as the `status` parameter names them.
  static func status(_ order: OrderLife, at time: Int64) -> String {
    if let cancelled = order.cancelled, cancelled <= time { return "cancelled" }
    if let fulfilled = order.fulfilled, fulfilled <= time { return "closed" }
    return "open"
  }

  static func write(_ ref: Ref, in world: World, to json: inout JSONBytes) {
    let company = world.company
    let presence = Presence(ref.owner, of: company)
    guard let order = OrderLife.find(person: ref.owner, number: ref.number, presence: presence, until: world.now, company: company) else { return }
    let updated = order.updated(at: world.now)
    let life = RecordLife(.shopify, person: ref.owner, copy: order.copy, of: company)
    guard let state = life.state(at: order.placed) else { return }
    let record = CustomerRecord(life, state, of: company)
    let basket = Basket(order, buyer: record.person, of: company)
    let id = identifier(ref, company)
    let codes = company.identifiers
    let created = world.list(.orders, by: .created)
    let number = 1_001 + created.firstIndex(notBefore: Entry(time: order.placed, ref: ref))
    func happened(_ time: Int64?) -> Int64? { time.flatMap { $0 <= world.now ? $0 : nil } }
    let (paid, fulfilled, cancelled, refunded) = (happened(order.paid), happened(order.fulfilled), happened(order.cancelled), happened(order.refunded))
    let back = refunded == nil ? 0 : basket.refundCents(all: order.refundsAll)
    let financial = paid == nil ? "pending" : back == 0 ? "paid" : back == basket.totalCents ? "refunded" : "partially_refunded"
    let zone = ShopifyCustomer.zone
    let offset = ShopifyCustomer.offset
    var draw = company.draw(.order, ref.owner, ref.number, 3)
    let gateway = order.payment == .card ? "stripe" : order.payment == .paypal ? "paypal" : "bank_deposit"
    json.object { json in
      json.field("id", id)
      json.field("admin_graphql_api_id", "gid://shopify/Order/\(id)")
      json.field("app_id", 580_111)
      json.field("browser_ip", "\(draw.within(11...190)).\(draw.below(256)).\(draw.below(256)).\(draw.within(1...254))")
      json.field("buyer_accepts_marketing", state.consent)
      json.field("cancel_reason", cancelled == nil ? nil : draw.chance(0.7) ? "customer" : "inventory")
      json.time("cancelled_at", cancelled.map { $0 + offset }, suffix: zone)
      json.field("cart_token", codes.token(.checkout, ref))
      json.field("checkout_id", id + 20_000_000_000_000)
      json.field("checkout_token", codes.token(.session, ref))
      json.time("closed_at", fulfilled.map { $0 + offset }, suffix: zone)
      json.field("confirmed", true)
      json.field("contact_email", record.mail)
      json.time("created_at", order.placed + offset, suffix: zone)
      json.field("currency", "EUR")
      json.money("current_subtotal_price", cents: max(0, basket.subtotalCents - basket.discountCents - back))
      json.money("current_total_price", cents: basket.totalCents - back)
      json.field("customer_locale", record.person.region.language)
      json.array("discount_codes") { json in
        guard basket.discountCents > 0 else { return }
        json.object {
          $0.field("code", "WELCOME10")
          $0.money("amount", cents: basket.discountCents)
          $0.field("type", "percentage")
        }
      }
      json.field("email", record.mail)
      json.field("financial_status", financial)
      json.field("fulfillment_status", fulfilled == nil ? nil : "fulfilled")
      json.field("landing_site", "/?utm_source=\(record.person.acquisition.lowercased())")
      json.field("name", "#\(number)")
      json.field("note", happened(order.noted) == nil ? nil : "Customer called: please ring twice 🔔")
      json.array("note_attributes") { json in
        // The storefront passes on who was browsing, when its script was not blocked.
        guard draw.chance(0.5) else { return }
        json.object {
          $0.field("name", "anonymous_id")
          $0.field("value", codes.uuid(.anonymousVisitor, Ref(ref.owner, 0)))
        }
        guard presence.count(.app) > 0, draw.chance(0.5) else { return }
        json.object {
          $0.field("name", "app_user_id")
          $0.field("value", AppUsers.identifier(ref.owner, company))
        }
      }
      json.field("number", number - 1_000)
      json.field("order_number", number)
      json.array("payment_gateway_names") { $0.string(gateway) }
      json.field("phone", draw.chance(0.5) ? record.phone : nil)
      json.time("processed_at", order.placed + offset, suffix: zone)
      json.field("referring_site", draw.chance(0.4) ? "https://www.google.com/" : nil)
      json.field("source_name", draw.chance(0.8) ? "web" : "pos")
      json.money("subtotal_price", cents: basket.subtotalCents - basket.discountCents)
      json.field("tags", draw.chance(0.1) ? "gift, express" : "")
      writeTax(basket.taxCents, to: &json)
      json.field("taxes_included", true)
      json.field("test", false)
      json.field("token", codes.token(.checkout, Ref(ref.owner, ref.number | 0x8000)))
      json.money("total_discounts", cents: basket.discountCents)
      json.money("total_line_items_price", cents: basket.subtotalCents)
      json.money("total_price", cents: basket.totalCents)
      json.money("total_tax", cents: basket.taxCents)
      json.field("total_weight", basket.lines.count * 420)
      json.time("updated_at", updated + offset, suffix: zone)
      json.null("user_id")
      for part in 0..<2 {
        if part == 0 { json.key("billing_address") } else { json.key("shipping_address") }
        ShopifyCustomer.write(record, id: nil, owner: nil, isDefault: false, to: &json)
      }
      json.key("customer")
      ShopifyCustomer.write(Ref(ref.owner, order.copy), at: updated, full: false, company: company, to: &json)
      json.array("fulfillments") { json in
        guard let fulfilled else { return }
        json.object { json in
          json.field("id", id + 40_000_000_000_000)
          json.field("order_id", id)
          json.time("created_at", fulfilled + offset, suffix: zone)
          json.field("status", "success")
          json.field("tracking_company", "DHL")
          json.field("tracking_number", "00340\(codes.scramble(.device, ref) % 1_000_000_000_000)")
        }
      }
      json.array("line_items") { json in
        for (position, line) in basket.lines.enumerated() { write(line, id: id * 8 + Int64(position), company, fulfilled: fulfilled != nil, to: &json) }
      }
      json.array("refunds") { json in
        guard let refunded else { return }
        write(refundOf: basket, order, id: id, at: refunded, company, to: &json)
      }
      json.array("shipping_lines") { json in
        json.object {
          $0.field("id", id + 60_000_000_000_000)
          $0.field("code", basket.shippingCents == 0 ? "Free" : "Standard")
          $0.money("price", cents: basket.shippingCents)
          $0.field("title", basket.shippingCents == 0 ? "Free shipping" : "Standard shipping")
        }
      }
    }
  }

  private static func writeTax(_ cents: Int64, to json: inout JSONBytes) {
    json.array("tax_lines") { json in
      json.object {
        $0.money("price", cents: cents)
        $0.raw("rate", "0.19")
        $0.field("title", "VAT")
      }
    }
  }

  private static func write(_ line: Basket.Line, id: Int64, _ company: Company, fulfilled: Bool, to json: inout JSONBytes) {
    let variant = ShopifyProduct.variant(line.product.index, line.variant)
    json.object { json in
      json.field("id", id)
      json.field("admin_graphql_api_id", "gid://shopify/LineItem/\(id)")
      json.field("fulfillable_quantity", fulfilled ? 0 : line.quantity)
      json.field("fulfillment_status", fulfilled ? "fulfilled" : nil)
      json.field("gift_card", false)
      json.field("grams", 420)
      json.field("name", "\(line.product.title) - \(line.product.variants[line.variant])")
      json.money("price", cents: line.product.cents)
      json.field("product_exists", true)
      json.field("product_id", ShopifyProduct.identifier(line.product.index))
      json.array("properties") { _ in }
      json.field("quantity", line.quantity)
      json.field("requires_shipping", true)
      json.field("sku", ShopifyProduct.sku(line.product, line.variant))
      json.field("taxable", true)
      json.field("title", line.product.title)
      json.money("total_discount", cents: 0)
      json.field("variant_id", variant)
      json.field("variant_title", line.product.variants[line.variant])
      json.field("vendor", line.product.vendor)
      writeTax(line.cents * 19 / 119, to: &json)
    }
  }

  private static func write(refundOf basket: Basket, _ order: OrderLife, id: Int64, at time: Int64, _ company: Company, to json: inout JSONBytes) {
    let refund = id + 80_000_000_000_000
    let zone = ShopifyCustomer.zone
    json.object { json in
      json.field("id", refund)
      json.field("order_id", id)
      json.time("created_at", time + ShopifyCustomer.offset, suffix: zone)
      json.field("note", order.cancelled != nil ? "Order canceled" : "Returned goods")
      json.time("processed_at", time + ShopifyCustomer.offset, suffix: zone)
      json.field("restock", true)
      json.null("user_id")
      json.array("refund_line_items") { json in
        for (position, line) in basket.lines.enumerated() where order.refundsAll || line.isReturned {
          json.object { json in
            json.field("id", refund * 8 + Int64(position))
            json.field("line_item_id", id * 8 + Int64(position))
            json.field("quantity", line.quantity)
            json.field("restock_type", order.cancelled != nil ? "cancel" : "return")
            json.amount("subtotal", cents: line.cents)
            json.amount("total_tax", cents: line.cents * 19 / 119)
          }
        }
      }
      json.array("transactions") { json in
        json.object {
          $0.field("id", refund + 1)
          $0.field("order_id", id)
          $0.money("amount", cents: basket.refundCents(all: order.refundsAll))
          $0.field("currency", "EUR")
          $0.field("gateway", order.payment == .card ? "stripe" : order.payment == .paypal ? "paypal" : "bank_deposit")
          $0.field("kind", "refund")
          $0.field("status", "success")
          $0.time("created_at", time + ShopifyCustomer.offset, suffix: zone)
        }
      }
      json.array("order_adjustments") { _ in }
    }
  }
}
