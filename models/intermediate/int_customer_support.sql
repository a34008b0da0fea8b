-- The support that each customer asked for: tickets in Zendesk and cases in Salesforce.
with

requests as (

    select
        'zendesk:' || zendesk_user_id as record_id,
        status not in ('solved', 'closed') as is_open,
        subject,
        created_at
    from {{ ref('stg_zendesk__tickets') }}
    where not is_deleted

    union all

    select 'salesforce:' || contact_id, not is_closed, subject, created_at
    from {{ ref('stg_salesforce__cases') }}
    where not is_deleted and contact_id is not null

)

select
    map.customer_id,
    count(*) as ticket_count,
    sum(requests.is_open) as open_ticket_count,
    max(requests.created_at) as last_ticket_at,
    requests.subject as last_ticket_subject -- SQLite takes it from the row of the maximum
from requests
inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = requests.record_id
group by map.customer_id
