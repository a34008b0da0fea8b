-- Every record of a person in the raw tables is in the identity map, once.
with

raw_records as (

    select 'salesforce:' || Id as record_id from {{ source('salesforce', 'Contact') }}
    union all
    select 'salesforce:' || Id from {{ source('salesforce', 'Lead') }}
    union all
    select 'stripe:' || id from {{ source('stripe', 'customers') }}
    union all
    select 'shopify:' || id from {{ source('shopify', 'customers') }}
    union all
    select 'zendesk:' || id from {{ source('zendesk', 'users') }} where role = 'end-user'
    union all
    select 'app:' || user_id from {{ source('app', 'app_users') }}

)

select raw_records.record_id, count(map.record_id) as times_mapped
from raw_records
left join {{ ref('int_customer_identity_map') }} as map on map.record_id = raw_records.record_id
group by raw_records.record_id
having count(map.record_id) <> 1
