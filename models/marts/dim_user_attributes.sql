-- One row a customer with all that is known of them now. The company's own test accounts are left out.
with

customers as materialized (

    select customer_id, sum(record_type = 'visitor') as visitor_count
    from {{ ref('int_customer_identity_map') }}
    where not is_test_account
    group by customer_id

),

categories as materialized (

    select
        customer_id,
        json_group_object(category, json_object('orders', order_count, 'items', quantity, 'revenue', amount, 'last_ordered_on', date(last_ordered_at)))
            as purchased_categories
    from {{ ref('int_customer_categories') }}
    group by customer_id

)

select
    customers.customer_id,

    profiles.first_name,
    profiles.last_name,
    profiles.email,
    profiles.phone,
    profiles.gender,
    profiles.birth_date,
    cast(strftime('%Y.%m%d', as_of.as_of) - strftime('%Y.%m%d', profiles.birth_date) as integer) as age,
    profiles.city,
    profiles.country_code,
    countries.country_name as country,
    profiles.acquisition_source,
    profiles.created_at,
    profiles.is_deleted,

    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.revenue, 0) as revenue,
    round(orders.revenue / nullif(orders.order_count - orders.cancelled_order_count, 0), 2) as average_order_value,
    coalesce(orders.returned_order_count, 0) as returned_order_count,
    coalesce(orders.returned_amount, 0) as returned_amount,
    coalesce(orders.cancelled_order_count, 0) as cancelled_order_count,
    favourite.category as most_purchased_category,
    favourite.category_group as most_purchased_category_group,
    favourite.amount as most_purchased_category_revenue,
    categories.purchased_categories,
    orders.first_order_at,
    orders.last_order_at,
    cast(julianday(as_of.as_of) - julianday(orders.last_order_at) as integer) as days_since_last_order,

    coalesce(support.ticket_count, 0) as ticket_count,
    coalesce(support.open_ticket_count, 0) as open_ticket_count,
    support.last_ticket_at,
    support.last_ticket_subject,

    coalesce(payments.charge_count, 0) as charge_count,
    coalesce(payments.charged_amount, 0) as charged_amount,
    coalesce(payments.failed_charge_count, 0) as failed_charge_count,
    coalesce(payments.refund_count, 0) as refund_count,
    coalesce(payments.refunded_amount, 0) as refunded_amount,
    coalesce(payments.active_subscription_count, 0) as active_subscription_count,
    payments.subscription_plan,

    coalesce(activity.session_count, 0) as session_count,
    coalesce(activity.page_view_count, 0) as page_view_count,
    activity.last_seen_at as last_visit_at,
    nullif(max(coalesce(activity.last_seen_at, ''), coalesce(orders.last_order_at, ''), coalesce(support.last_ticket_at, '')), '') as last_seen_at,

    profiles.known_as,
    profiles.source_record_count,
    profiles.source_system_count,
    customers.visitor_count,
    as_of.as_of
from customers
inner join {{ ref('int_customer_profiles') }} as profiles on profiles.customer_id = customers.customer_id
cross join {{ ref('int_as_of') }} as as_of
left join {{ ref('countries') }} as countries on countries.country_code = profiles.country_code
left join {{ ref('int_customer_orders') }} as orders on orders.customer_id = customers.customer_id
left join {{ ref('int_customer_categories') }} as favourite
    on favourite.customer_id = customers.customer_id and favourite.category_rank = 1
left join categories on categories.customer_id = customers.customer_id
left join {{ ref('int_customer_support') }} as support on support.customer_id = customers.customer_id
left join {{ ref('int_customer_payments') }} as payments on payments.customer_id = customers.customer_id
left join {{ ref('int_customer_activity') }} as activity on activity.customer_id = customers.customer_id
