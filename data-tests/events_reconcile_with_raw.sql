-- Every raw row that should be an event is one: no more, no less. Deletions in the source take nothing back from the events.
{%- set counted = [
  ('order', "select count(*) from " ~ source('shopify', 'orders') ~ " where not coalesce(test, 0)"),
  ('payment', "select count(*) from " ~ source('stripe', 'charges') ~ " where status = 'succeeded'"),
  ('payment_failed', "select count(*) from " ~ source('stripe', 'charges') ~ " where status = 'failed'"),
  ('refund', "select count(*) from " ~ source('stripe', 'refunds') ~ " where status = 'succeeded'"),
  ('subscription_started', "select count(*) from " ~ source('stripe', 'subscriptions')),
] %}

{% for event_type, raw_count in counted %}
select
    '{{ event_type }}' as event_type,
    (select count(*) from {{ ref('fct_user_events_unioned') }} where event_type = '{{ event_type }}') as events,
    ({{ raw_count }}) as raw_rows
where events <> raw_rows
union all
{% endfor %}
select
    'log of the application',
    (select count(*) from {{ ref('fct_user_events_unioned') }} where source_table = 'app.events') as events,
    (select count(*) from {{ source('app', 'events') }}) as raw_rows
where events <> raw_rows
