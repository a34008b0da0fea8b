{{
  config(
    materialized='incremental',
    unique_key='event_id'
  )
}}

-- The log only grows, so only what was extracted since the last run is taken; what comes late, in the file of a later day, comes too.
select
    event_id,
    event_type as log_event_type,
    case event_type
        when 'page_view' then 'page_visit'
        when 'category_view' then 'page_visit'
        when 'product_view' then 'page_visit'
        when 'cart' then 'cart'
        when 'checkout' then 'checkout_started'
        when 'login' then 'login'
        when 'purchase' then 'checkout_completed'
        else event_type
    end as event_type,
    nullif(user_id, '') as app_user_id,
    nullif(anonymous_id, '') as anonymous_id,
    session_id,
    page_uri,
    page_title,
    cast(json_extract(properties, '$.order_id') as text) as order_id,
    json_extract(properties, '$.category') as category,
    json_extract(context, '$.device.type') as device_type,
    json_extract(context, '$.campaign.source') as campaign_source,
    {{ utc_from_iso('timestamp') }} as occurred_at,
    _airbyte_extracted_at as extracted_at
from {{ source('app', 'events') }}
{% if is_incremental() %}
where _airbyte_extracted_at >= (select coalesce(max(extracted_at), '') from {{ this }})
{% endif %}
