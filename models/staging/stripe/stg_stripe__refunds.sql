select
    id as refund_id,
    charge as charge_id,
    round(amount / 100.0, 2) as amount,
    upper(currency) as currency,
    reason,
    status,
    {{ utc_from_epoch('created') }} as refunded_at,
    _airbyte_extracted_at as extracted_at
from {{ source('stripe', 'refunds') }}
