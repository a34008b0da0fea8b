-- Women whose most purchased category is Jeans and who spent more than 500.
select customer_id, first_name, last_name, email, revenue, most_purchased_category_revenue, last_order_at
from {{ ref('dim_user_attributes') }}
where gender = 'female'
  and most_purchased_category = 'Jeans'
  and revenue > 500
order by revenue desc
