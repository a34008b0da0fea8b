select
    id as invoice_id,
    customer as stripe_customer_id,
    subscription as subscription_id,
    number as invoice_number,
    round(total / 100.0, 2) as total_amount,
    round(amount_paid / 100.0, 2) as paid_amount,
    upper(currency) as currency,
    status,
    {{ utc_from_epoch('created') }} as invoiced_at,
    {{ utc_from_epoch("json_extract(status_transitions, '$.paid_at')") }} as paid_at,
    _airbyte_extracted_at as extracted_at
from {{ source('stripe', 'invoices') }}
