import ConnectorKit

/// A kind of object: where it is listed, and which events tell of its changes (https://docs.stripe.com/api/events/types).
struct StripeObject: Sendable {
  /// The stream's name, which is also the list's path.
  let name: StaticString
  /// What Stripe calls one of them: the member `object`.
  let type: String
  let schema: StreamSchema
  /// The events whose `data.object` is one of them; at most twenty may be asked for at once.
  let events: [String]
  /// The event after which the object exists no more. A cancelled subscription still exists.
  var deletion: String?
  /// What else the list is asked for.
  var query: [(String, String)] = []

  static let all = [
    StripeObject(
      name: "customers", type: "customer", schema: StripeSchemas.customers, events: ["customer.created", "customer.updated", "customer.deleted"],
      deletion: "customer.deleted"),
    StripeObject(
      name: "charges", type: "charge", schema: StripeSchemas.charges,
      events: ["captured", "expired", "failed", "pending", "refunded", "succeeded", "updated"].map { "charge.\($0)" }),
    StripeObject(
      name: "refunds", type: "refund", schema: StripeSchemas.refunds,
      events: ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]),
    StripeObject(
      name: "invoices", type: "invoice", schema: StripeSchemas.invoices,
      events: [
        "created", "deleted", "finalization_failed", "finalized", "marked_uncollectible", "paid", "payment_action_required", "payment_failed",
        "payment_succeeded", "sent", "updated", "voided", "overdue", "will_be_due",
      ].map { "invoice.\($0)" }, deletion: "invoice.deleted"),
    StripeObject(
      name: "subscriptions", type: "subscription", schema: StripeSchemas.subscriptions,
      events: [
        "created", "deleted", "paused", "pending_update_applied", "pending_update_expired", "resumed", "trial_will_end", "updated",
      ].map { "customer.subscription.\($0)" }, query: [("status", "all")]),
  ]
}
