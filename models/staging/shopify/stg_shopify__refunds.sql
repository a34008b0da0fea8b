select
    json_extract(refund.value, '$.id') as refund_id,
    orders.order_id,
    orders.shopify_customer_id,
    orders.currency,
    (
        select round(coalesce(sum(json_extract(paid.value, '$.amount')), 0), 2)
        from json_each(refund.value, '$.transactions') as paid
        where json_extract(paid.value, '$.kind') = 'refund' and json_extract(paid.value, '$.status') = 'success'
    ) as refund_amount,
    json_extract(refund.value, '$.note') as note,
    (
        select group_concat(json_extract(item.value, '$.title'), ', ')
        from json_each(orders.line_items) as item
        where json_extract(item.value, '$.id') in (
            select json_extract(returned.value, '$.line_item_id') from json_each(refund.value, '$.refund_line_items') as returned
        )
    ) as returned_items,
    {{ utc_from_iso("json_extract(refund.value, '$.created_at')") }} as refunded_at,
    orders.cancelled_at is not null as is_cancellation,
    orders.extracted_at
from {{ ref('stg_shopify__orders') }} as orders, json_each(orders.refunds) as refund
