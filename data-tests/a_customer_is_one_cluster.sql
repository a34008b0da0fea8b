-- One id for each cluster, and one cluster for each id.
select cluster_number as offender, count(distinct ids.customer_id) as n
from {{ ref('int_identity_clusters') }} as clusters
inner join {{ ref('int_customer_ids') }} as ids on ids.record_id = clusters.record_id
group by cluster_number
having count(distinct ids.customer_id) > 1

union all

select ids.customer_id, count(distinct clusters.cluster_number)
from {{ ref('int_identity_clusters') }} as clusters
inner join {{ ref('int_customer_ids') }} as ids on ids.record_id = clusters.record_id
group by ids.customer_id
having count(distinct clusters.cluster_number) > 1
