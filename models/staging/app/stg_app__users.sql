select
    user_id as app_user_id,
    nullif(trim(first_name), '') as first_name,
    nullif(trim(last_name), '') as last_name,
    nullif(trim(email), '') as email,
    nullif(trim(phone), '') as phone,
    case lower(gender) when 'female' then 'female' when 'f' then 'female' when 'male' then 'male' when 'm' then 'male' when '' then null else 'other' end
        as gender,
    nullif(birth_date, '') as birth_date,
    nullif(trim(city), '') as city,
    nullif(upper(trim(country_code)), '') as country_code,
    nullif(acquisition_source, '') as acquisition_source,
    cast(nullif(shopify_customer_id, '') as text) as shopify_customer_id,
    nullif(deleted_at, '') is not null as is_deleted,
    {{ utc_from_iso('signup_date') }} as created_at,
    {{ utc_from_iso('updated_at') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('app', 'app_users') }}
