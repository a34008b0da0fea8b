{{
  config(
    materialized='incremental',
    unique_key='record_id',
    full_refresh=false
  )
}}

-- The memory of who was given which customer_id. It outlives every run, a full refresh too, so that an id, once given, stays:
--   * a cluster that grows keeps its id;
--   * clusters that merge keep the id that was given first (among ids of one run, that of the oldest record);
--   * when a cluster splits, the part that holds the record after which the id was named keeps it, the others get ids of their own.
-- A new id is named after the oldest record of its cluster, so that the same data give the same ids.
with

clusters as materialized (

    select
        clusters.record_id,
        clusters.cluster_number,
        clusters.record_number,
        oldest.record_id as oldest_record_id
    from {{ ref('int_identity_clusters') }} as clusters
    inner join {{ ref('int_identity_records') }} as oldest on oldest.record_number = clusters.cluster_number

),

claims as materialized (

    -- What a cluster may be called: the name of its oldest record …
    select
        cluster_number,
        '{{ var("customer_id_prefix") }}' || oldest_record_id as customer_id,
        '9999' as given_at,
        count(*) as claiming_records
    from clusters
    group by cluster_number

    {% if is_incremental() %}
    union all

    -- … and what its records have been called.
    select
        clusters.cluster_number,
        remembered.customer_id,
        min(remembered.given_at),
        count(*)
    from clusters
    inner join {{ this }} as remembered on remembered.record_id = clusters.record_id
    group by clusters.cluster_number, remembered.customer_id
    {% endif %}

),

{% if is_incremental() %}
awarded as (

    -- One cluster only bears an id: the one with the record after which it was named, else the one with most of its records.
    select
        claims.*,
        founder.record_number as founder_number,
        row_number() over (
            partition by claims.customer_id
            order by founder.cluster_number is claims.cluster_number desc, claims.given_at <> '9999' desc,
                claims.claiming_records desc, claims.cluster_number
        ) as place
    from claims
    left join clusters as founder on founder.record_id = substr(claims.customer_id, length('{{ var("customer_id_prefix") }}') + 1)

),

chosen as (

    -- Of the ids that a cluster may bear, the one given first.
    select
        cluster_number,
        customer_id,
        given_at,
        row_number() over (
            partition by cluster_number
            order by given_at, coalesce(founder_number, 0), customer_id
        ) as place
    from awarded
    where place = 1

),

bearing as materialized (

    -- One row a cluster; SQLite builds an index for the join only where a grouping says so.
    select cluster_number, max(customer_id) as customer_id, max(given_at) as given_at
    from chosen
    where place = 1
    group by cluster_number

)

select
    clusters.record_id,
    bearing.customer_id,
    case when bearing.given_at = '9999' then strftime('%Y-%m-%dT%H:%M:%fZ', 'now') else bearing.given_at end as given_at
from clusters
left join bearing on bearing.cluster_number = clusters.cluster_number
left join {{ this }} as remembered on remembered.record_id = clusters.record_id
where remembered.customer_id is not bearing.customer_id
{% else %}
named as (select * from claims)

select
    clusters.record_id,
    named.customer_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', 'now') as given_at
from clusters
inner join named on named.cluster_number = clusters.cluster_number
{% endif %}
