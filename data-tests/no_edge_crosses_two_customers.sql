-- Records that an edge ties together bear one customer_id: the components are whole.
select edges.*
from {{ ref('int_identity_edges') }} as edges
inner join {{ ref('int_identity_records') }} as older on older.record_number = edges.older_record_number
inner join {{ ref('int_identity_records') }} as younger on younger.record_number = edges.younger_record_number
inner join {{ ref('int_customer_identity_map') }} as older_map on older_map.record_id = older.record_id
inner join {{ ref('int_customer_identity_map') }} as younger_map on younger_map.record_id = younger.record_id
where older_map.customer_id <> younger_map.customer_id
