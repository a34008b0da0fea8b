select
    id as shopify_customer_id,
    nullif(trim(first_name), '') as first_name,
    nullif(trim(last_name), '') as last_name,
    nullif(trim(email), '') as email,
    nullif(trim(phone), '') as phone,
    json_extract(default_address, '$.address1') as street,
    json_extract(default_address, '$.zip') as postal_code,
    json_extract(default_address, '$.city') as city,
    json_extract(default_address, '$.country_code') as country_code,
    tags,
    {{ utc_from_iso('created_at') }} as created_at,
    {{ utc_from_iso('updated_at') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('shopify', 'customers') }}
