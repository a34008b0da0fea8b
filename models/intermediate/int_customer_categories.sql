-- What each customer bought of each product category; cancelled orders aside.
with

by_record as materialized (

    select
        lines.shopify_customer_id,
        coalesce(products.category, 'Unknown') as category,
        count(distinct lines.order_id) as order_count,
        sum(lines.quantity) as quantity,
        sum(lines.line_amount) as amount,
        max(lines.ordered_at) as last_ordered_at
    from {{ ref('stg_shopify__order_lines') }} as lines
    left join {{ ref('stg_shopify__products') }} as products on products.product_id = lines.product_id
    where lines.cancelled_at is null and lines.shopify_customer_id is not null
    group by lines.shopify_customer_id, coalesce(products.category, 'Unknown')

),

by_customer as (

    select
        map.customer_id,
        by_record.category,
        sum(by_record.order_count) as order_count,
        sum(by_record.quantity) as quantity,
        round(sum(by_record.amount), 2) as amount,
        max(by_record.last_ordered_at) as last_ordered_at
    from by_record
    inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = 'shopify:' || by_record.shopify_customer_id
    group by map.customer_id, by_record.category

)

select
    by_customer.customer_id,
    by_customer.category,
    categories.category_group,
    by_customer.order_count,
    by_customer.quantity,
    by_customer.amount,
    by_customer.last_ordered_at,
    row_number() over (
        partition by by_customer.customer_id
        order by by_customer.quantity desc, by_customer.amount desc, by_customer.category
    ) as category_rank
from by_customer
left join {{ ref('product_categories') }} as categories on categories.category = by_customer.category
