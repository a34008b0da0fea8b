{{
  config(
    materialized='table',
    post_hook=[
      "{{ drop_index('record_number') }}", "{{ create_index('record_number') }}"
    ]
  )
}}

-- Connected components over the edges. Records are numbered by age, and a component is named by its smallest number, its oldest record.
-- Walks start only at records that have no older neighbour, and step only to records younger than their start: every record is reached
-- from the oldest one of its component, whatever the component's shape, and nearly all components are walked once.
with recursive

steps as materialized (

    select older_record_number as from_record_number, younger_record_number as to_record_number
    from {{ ref('int_identity_edges') }}
    union
    select younger_record_number, older_record_number
    from {{ ref('int_identity_edges') }}

),

walk (cluster_number, record_number) as (

    select distinct older_record_number, older_record_number
    from {{ ref('int_identity_edges') }}
    where older_record_number not in (select younger_record_number from {{ ref('int_identity_edges') }})

    union

    select walk.cluster_number, steps.to_record_number
    from walk
    inner join steps on steps.from_record_number = walk.record_number
    where steps.to_record_number > walk.cluster_number

),

linked as (

    select record_number, min(cluster_number) as cluster_number
    from walk
    group by record_number

)

select
    records.record_number,
    records.record_id,
    coalesce(linked.cluster_number, records.record_number) as cluster_number
from {{ ref('int_identity_records') }} as records
left join linked on linked.record_number = records.record_number
