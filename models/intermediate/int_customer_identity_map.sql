{{
  config(
    materialized='table',
    post_hook=[
      "{{ drop_index('record_id') }}", "{{ create_index('record_id') }}",
      "{{ drop_index('customer_id') }}", "{{ create_index('customer_id') }}"
    ]
  )
}}

-- Which customer each record belongs to: every record of a person once, and the browsers (visitors) in which one customer only was seen.
with

tested as materialized (

    select distinct clusters.cluster_number
    from {{ ref('int_identity_identifiers') }} as identifiers
    inner join {{ ref('test_accounts') }} as test_accounts
        on test_accounts.identifier_type = identifiers.identifier_type
        and identifiers.identifier_value glob test_accounts.pattern
    inner join {{ ref('int_identity_clusters') }} as clusters on clusters.record_number = identifiers.record_number

),

sizes as materialized (

    select cluster_number, count(*) as records
    from {{ ref('int_identity_clusters') }}
    group by cluster_number

),

mapped as materialized (

    select
        records.record_id,
        records.record_number,
        records.source_system,
        records.record_type,
        records.source_id,
        ids.customer_id,
        sizes.records as customer_records,
        tested.cluster_number is not null as is_test_account,
        records.is_deleted
    from {{ ref('int_identity_records') }} as records
    inner join {{ ref('int_identity_clusters') }} as clusters on clusters.record_number = records.record_number
    inner join {{ ref('int_customer_ids') }} as ids on ids.record_id = records.record_id
    inner join sizes on sizes.cluster_number = clusters.cluster_number
    left join tested on tested.cluster_number = clusters.cluster_number

),

visitors as (

    select
        identifiers.identifier_value as anonymous_id,
        min(mapped.customer_id) as customer_id,
        min(mapped.customer_records) as customer_records,
        min(mapped.is_test_account) as is_test_account
    from {{ ref('int_identity_identifiers') }} as identifiers
    inner join mapped on mapped.record_number = identifiers.record_number
    where identifiers.identifier_type = 'anonymous_id'
    group by identifiers.identifier_value
    having count(distinct mapped.customer_id) = 1

)

select record_id, source_system, record_type, source_id, customer_id, customer_records, is_test_account, is_deleted
from mapped

union all

select 'app:' || anonymous_id, 'app', 'visitor', anonymous_id, customer_id, customer_records, is_test_account, 0
from visitors
