select
    json_extract(line.value, '$.id') as order_line_id,
    orders.order_id,
    orders.shopify_customer_id,
    json_extract(line.value, '$.product_id') as product_id,
    json_extract(line.value, '$.title') as product_title,
    json_extract(line.value, '$.sku') as sku,
    json_extract(line.value, '$.quantity') as quantity,
    round(json_extract(line.value, '$.price') * json_extract(line.value, '$.quantity')
        - coalesce(json_extract(line.value, '$.total_discount'), 0), 2) as line_amount,
    orders.ordered_at,
    orders.cancelled_at,
    orders.extracted_at
from {{ ref('stg_shopify__orders') }} as orders, json_each(orders.line_items) as line
