-- The moment up to which the warehouse knows the world: that of its newest order, payment, ticket or visit, unless var as_of sets it.
-- Ages and days since are counted to it, so that the same data give the same answer whenever the run is.
select
    {% if var('as_of', none) -%}
    '{{ var("as_of") }}' as as_of
    {%- else -%}
    max(happened_at) as as_of
    {%- endif %}
from (
    select max(ordered_at) as happened_at from {{ ref('stg_shopify__orders') }}
    union all
    select max(charged_at) from {{ ref('stg_stripe__charges') }}
    union all
    select max(created_at) from {{ ref('stg_zendesk__tickets') }}
    union all
    select max(occurred_at) from {{ ref('stg_app__events') }}
)
