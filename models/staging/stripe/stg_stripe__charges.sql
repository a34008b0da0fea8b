{{
  config(
    materialized='table',
    post_hook=[
      "{{ drop_index('charge_id') }}", "{{ create_index('charge_id') }}"
    ]
  )
}}

select
    id as charge_id,
    customer as stripe_customer_id,
    cast(json_extract(metadata, '$.order_id') as integer) as order_id,
    invoice as invoice_id,
    round(amount / 100.0, 2) as amount,
    round(amount_refunded / 100.0, 2) as refunded_amount,
    upper(currency) as currency,
    status,
    failure_code,
    failure_message,
    description,
    json_extract(payment_method_details, '$.type') as payment_method,
    json_extract(payment_method_details, '$.card.fingerprint') as card_fingerprint,
    json_extract(billing_details, '$.name') as billing_name,
    nullif(trim(coalesce(json_extract(billing_details, '$.email'), receipt_email)), '') as billing_email,
    nullif(trim(json_extract(billing_details, '$.phone')), '') as billing_phone,
    json_extract(billing_details, '$.address.country') as billing_country_code,
    {{ utc_from_epoch('created') }} as charged_at,
    _airbyte_extracted_at as extracted_at
from {{ source('stripe', 'charges') }}
