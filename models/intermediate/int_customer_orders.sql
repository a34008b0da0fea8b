-- What each customer ordered, sent back and cancelled. Cancelled orders count as orders, but neither as revenue nor in the average.
with

refunded as materialized (

    select order_id, sum(refund_amount) as refund_amount
    from {{ ref('stg_shopify__refunds') }}
    group by order_id

),

by_record as materialized (

    select
        orders.shopify_customer_id,
        count(*) as order_count,
        sum(orders.cancelled_at is not null) as cancelled_order_count,
        sum(orders.cancelled_at is null and refunded.order_id is not null) as returned_order_count,
        sum(case when orders.cancelled_at is null then orders.total_amount else 0 end) as ordered_amount,
        sum(case when orders.cancelled_at is null then coalesce(refunded.refund_amount, 0) else 0 end) as returned_amount,
        min(orders.ordered_at) as first_order_at,
        max(orders.ordered_at) as last_order_at
    from {{ ref('stg_shopify__orders') }} as orders
    left join refunded on refunded.order_id = orders.order_id
    where orders.shopify_customer_id is not null
    group by orders.shopify_customer_id

)

select
    map.customer_id,
    sum(by_record.order_count) as order_count,
    sum(by_record.cancelled_order_count) as cancelled_order_count,
    sum(by_record.returned_order_count) as returned_order_count,
    round(sum(by_record.ordered_amount), 2) as ordered_amount,
    round(sum(by_record.returned_amount), 2) as returned_amount,
    round(sum(by_record.ordered_amount - by_record.returned_amount), 2) as revenue,
    min(by_record.first_order_at) as first_order_at,
    max(by_record.last_order_at) as last_order_at
from by_record
inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = 'shopify:' || by_record.shopify_customer_id
group by map.customer_id
