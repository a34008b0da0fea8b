{{
  config(
    materialized='table',
    post_hook=[
      "{{ drop_index('product_id') }}", "{{ create_index('product_id') }}"
    ]
  )
}}

select
    id as product_id,
    title as product_title,
    vendor,
    coalesce(nullif(trim(product_type), ''), 'Unknown') as category,
    status,
    {{ utc_from_iso('created_at') }} as created_at,
    {{ utc_from_iso('updated_at') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('shopify', 'products') }}
