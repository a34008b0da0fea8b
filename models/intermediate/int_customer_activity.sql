-- What each customer did in the application and on the site, counting the visits before a login by the browser's anonymous id.
with

by_record as materialized (

    select
        'app:' || coalesce(app_user_id, anonymous_id) as record_id,
        count(distinct session_id) as session_count,
        sum(event_type = 'page_visit') as page_view_count,
        sum(event_type = 'login') as login_count,
        max(occurred_at) as last_seen_at,
        min(occurred_at) as first_seen_at
    from {{ ref('stg_app__events') }}
    group by coalesce(app_user_id, anonymous_id)

)

select
    map.customer_id,
    sum(by_record.session_count) as session_count,
    sum(by_record.page_view_count) as page_view_count,
    sum(by_record.login_count) as login_count,
    min(by_record.first_seen_at) as first_seen_at,
    max(by_record.last_seen_at) as last_seen_at
from by_record
inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = by_record.record_id
group by map.customer_id
