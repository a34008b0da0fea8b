-- What the customers spent adds up to what the orders say, to the cent; test accounts aside.
with

spent as (

    select round(sum(revenue), 2) as amount, sum(order_count) as orders
    from {{ ref('dim_user_attributes') }}

),

ordered as (

    select round(sum(amount), 2) as amount, sum(orders) as orders
    from (
        select sum(orders.total_amount) as amount, 0 as orders
        from {{ ref('stg_shopify__orders') }} as orders
        inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = 'shopify:' || orders.shopify_customer_id
        where orders.cancelled_at is null and not map.is_test_account
        union all
        select -sum(refunds.refund_amount), 0
        from {{ ref('stg_shopify__refunds') }} as refunds
        inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = 'shopify:' || refunds.shopify_customer_id
        where not refunds.is_cancellation and not map.is_test_account
        union all
        select 0, count(*)
        from {{ ref('stg_shopify__orders') }} as orders
        inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = 'shopify:' || orders.shopify_customer_id
        where not map.is_test_account
    )

)

select spent.*, ordered.*
from spent, ordered
where abs(coalesce(spent.amount, 0) - coalesce(ordered.amount, 0)) > 0.01 or coalesce(spent.orders, 0) <> coalesce(ordered.orders, 0)
