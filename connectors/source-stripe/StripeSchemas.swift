import ConnectorKit

/// What Stripe's objects hold, in the version that the connector asks for (https://docs.stripe.com/api/customers/object, …).
enum StripeSchemas {
  static let customers: StreamSchema = [
    "id": .string, "object": .string, "address": .object, "balance": .integer, "created": .integer, "currency": .string,
    "default_source": .string, "delinquent": .boolean, "description": .string, "discount": .object, "email": .string,
    "invoice_prefix": .string, "invoice_settings": .object, "livemode": .boolean, "metadata": .object, "name": .string,
    "next_invoice_sequence": .integer, "phone": .string, "preferred_locales": .array, "shipping": .object, "tax_exempt": .string,
    "test_clock": .string, "deleted": .boolean,
  ]

  static let charges: StreamSchema = [
    "id": .string, "object": .string, "amount": .integer, "amount_captured": .integer, "amount_refunded": .integer, "application": .string,
    "application_fee": .string, "application_fee_amount": .integer, "balance_transaction": .string, "billing_details": .object,
    "calculated_statement_descriptor": .string, "captured": .boolean, "created": .integer, "currency": .string, "customer": .string,
    "description": .string, "destination": .string, "dispute": .string, "disputed": .boolean, "failure_balance_transaction": .string,
    "failure_code": .string, "failure_message": .string, "fraud_details": .object, "invoice": .string, "livemode": .boolean,
    "metadata": .object, "on_behalf_of": .string, "order": .string, "outcome": .object, "paid": .boolean, "payment_intent": .string,
    "payment_method": .string, "payment_method_details": .object, "receipt_email": .string, "receipt_number": .string,
    "receipt_url": .string, "refunded": .boolean, "refunds": .object, "review": .string, "shipping": .object, "source": .object,
    "source_transfer": .string, "statement_descriptor": .string, "statement_descriptor_suffix": .string, "status": .string,
    "transfer_data": .object, "transfer_group": .string,
  ]

  static let refunds: StreamSchema = [
    "id": .string, "object": .string, "amount": .integer, "balance_transaction": .string, "charge": .string, "created": .integer,
    "currency": .string, "description": .string, "destination_details": .object, "failure_balance_transaction": .string,
    "failure_reason": .string, "instructions_email": .string, "metadata": .object, "next_action": .object, "payment_intent": .string,
    "reason": .string, "receipt_number": .string, "source_transfer_reversal": .string, "status": .string, "transfer_reversal": .string,
  ]

  static let invoices: StreamSchema = [
    "id": .string, "object": .string, "account_country": .string, "account_name": .string, "account_tax_ids": .array, "amount_due": .integer,
    "amount_paid": .integer, "amount_remaining": .integer, "amount_shipping": .integer, "application": .string,
    "application_fee_amount": .integer, "attempt_count": .integer, "attempted": .boolean, "auto_advance": .boolean, "automatic_tax": .object,
    "billing_reason": .string, "charge": .string, "collection_method": .string, "created": .integer, "currency": .string,
    "custom_fields": .array, "customer": .string, "customer_address": .object, "customer_email": .string, "customer_name": .string,
    "customer_phone": .string, "customer_shipping": .object, "customer_tax_exempt": .string, "customer_tax_ids": .array,
    "default_payment_method": .string, "default_source": .string, "default_tax_rates": .array, "description": .string, "discount": .object,
    "discounts": .array, "due_date": .integer, "effective_at": .integer, "ending_balance": .integer, "footer": .string, "from_invoice": .object,
    "hosted_invoice_url": .string, "invoice_pdf": .string, "last_finalization_error": .object, "latest_revision": .string, "lines": .object,
    "livemode": .boolean, "metadata": .object, "next_payment_attempt": .integer, "number": .string, "on_behalf_of": .string, "paid": .boolean,
    "paid_out_of_band": .boolean, "payment_intent": .string, "payment_settings": .object, "period_end": .integer, "period_start": .integer,
    "post_payment_credit_notes_amount": .integer, "pre_payment_credit_notes_amount": .integer, "quote": .string, "receipt_number": .string,
    "rendering_options": .object, "shipping_cost": .object, "shipping_details": .object, "starting_balance": .integer,
    "statement_descriptor": .string, "status": .string, "status_transitions": .object, "subscription": .string, "subscription_details": .object,
    "subtotal": .integer, "subtotal_excluding_tax": .integer, "tax": .integer, "test_clock": .string, "total": .integer,
    "total_discount_amounts": .array, "total_excluding_tax": .integer, "total_tax_amounts": .array, "transfer_data": .object,
    "webhooks_delivered_at": .integer, "deleted": .boolean,
  ]

  static let subscriptions: StreamSchema = [
    "id": .string, "object": .string, "application": .string, "application_fee_percent": .number, "automatic_tax": .object,
    "billing_cycle_anchor": .integer, "billing_thresholds": .object, "cancel_at": .integer, "cancel_at_period_end": .boolean,
    "canceled_at": .integer, "cancellation_details": .object, "collection_method": .string, "created": .integer, "currency": .string,
    "current_period_end": .integer, "current_period_start": .integer, "customer": .string, "days_until_due": .integer,
    "default_payment_method": .string, "default_source": .string, "default_tax_rates": .array, "description": .string, "discount": .object,
    "ended_at": .integer, "items": .object, "latest_invoice": .string, "livemode": .boolean, "metadata": .object,
    "next_pending_invoice_item_invoice": .integer, "on_behalf_of": .string, "pause_collection": .object, "payment_settings": .object,
    "pending_invoice_item_interval": .object, "pending_setup_intent": .string, "pending_update": .object, "plan": .object,
    "quantity": .integer, "schedule": .string, "start_date": .integer, "status": .string, "test_clock": .string, "transfer_data": .object,
    "trial_end": .integer, "trial_settings": .object, "trial_start": .integer,
  ]

  static let events: StreamSchema = [
    "id": .string, "object": .string, "account": .string, "api_version": .string, "created": .integer, "data": .object,
    "livemode": .boolean, "pending_webhooks": .integer, "request": .object, "type": .string,
  ]
}
