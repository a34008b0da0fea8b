-- Every event bears the customer that its record belongs to now.
select events.event_id, events.customer_id, map.customer_id as mapped_customer_id
from {{ ref('fct_user_events_unioned') }} as events
left join {{ ref('int_customer_identity_map') }} as map on map.record_id = events.record_id
where events.customer_id is not map.customer_id
