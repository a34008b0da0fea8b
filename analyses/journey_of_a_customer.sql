-- Everything that happened with one customer, in order.
select event_at, source_system, event_type, event_value, amount
from {{ ref('fct_user_events_unioned') }}
where customer_id = (
    select customer_id
    from {{ ref('dim_user_attributes') }}
    order by source_record_count desc, revenue desc
    limit 1
)
order by event_at
