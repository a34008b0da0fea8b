-- A customer of very many records is a sign that some shared value has tied strangers together.
{{ config(severity='warn') }}
select customer_id, count(*) as records
from {{ ref('int_customer_identity_map') }}
where record_type <> 'visitor'
group by customer_id
having count(*) > {{ var('identity_max_records_per_customer') }}
