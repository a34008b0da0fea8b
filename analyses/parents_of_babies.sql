-- Parents aged 20 to 40 who bought baby products in the last 90 days.
select customer_id, first_name, email, age, json_extract(purchased_categories, '$.Baby.last_ordered_on') as last_baby_order_on
from {{ ref('dim_user_attributes') }}
where age between 20 and 40
  and json_extract(purchased_categories, '$.Baby.last_ordered_on') >= date(as_of, '-90 days')
order by last_baby_order_on desc
