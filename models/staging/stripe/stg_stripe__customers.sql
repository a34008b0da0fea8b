select
    id as stripe_customer_id,
    {{ first_name_of('name') }} as first_name,
    {{ last_name_of('name') }} as last_name,
    nullif(trim(email), '') as email,
    nullif(trim(phone), '') as phone,
    json_extract(address, '$.line1') as street,
    json_extract(address, '$.postal_code') as postal_code,
    json_extract(address, '$.city') as city,
    json_extract(address, '$.country') as country_code,
    json_extract(metadata, '$.shopify_customer_id') as shopify_customer_id,
    coalesce(is_deleted, 0) as is_deleted,
    {{ utc_from_epoch('created') }} as created_at,
    {{ utc_from_epoch('updated') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('stripe', 'customers') }}
