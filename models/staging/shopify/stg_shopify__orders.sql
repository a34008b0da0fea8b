{{
  config(
    materialized='table',
    post_hook=[
      "{{ drop_index('order_id') }}", "{{ create_index('order_id') }}"
    ]
  )
}}

select
    id as order_id,
    name as order_name,
    json_extract(customer, '$.id') as shopify_customer_id,
    nullif(trim(email), '') as email,
    nullif(trim(phone), '') as phone,
    coalesce(json_extract(shipping_address, '$.country_code'), json_extract(billing_address, '$.country_code')) as country_code,
    currency,
    cast(total_price as real) as total_amount,
    cast(subtotal_price as real) as subtotal_amount,
    cast(total_discounts as real) as discount_amount,
    financial_status,
    fulfillment_status,
    cancel_reason,
    source_name as channel,
    case
        when instr(landing_site, 'utm_source=') > 0
            then substr(landing_site, instr(landing_site, 'utm_source=') + 11)
    end as utm_source,
    note_attributes,
    line_items,
    refunds,
    {{ utc_from_iso('created_at') }} as ordered_at,
    {{ utc_from_iso('cancelled_at') }} as cancelled_at,
    {{ utc_from_iso('updated_at') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('shopify', 'orders') }}
where not coalesce(test, 0)
