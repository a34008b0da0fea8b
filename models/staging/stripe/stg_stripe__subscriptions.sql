select
    id as subscription_id,
    customer as stripe_customer_id,
    coalesce(json_extract(items, '$.data[0].price.nickname'), json_extract(items, '$.data[0].price.id')) as plan_name,
    round(json_extract(items, '$.data[0].price.unit_amount') * json_extract(items, '$.data[0].quantity') / 100.0, 2) as plan_amount,
    upper(currency) as currency,
    status,
    {{ utc_from_epoch('start_date') }} as started_at,
    {{ utc_from_epoch('ended_at') }} as ended_at,
    _airbyte_extracted_at as extracted_at
from {{ source('stripe', 'subscriptions') }}
