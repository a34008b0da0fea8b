{{
  config(
    materialized='incremental',
    unique_key='event_id',
    post_hook=[
      "{{ create_index('event_id') }}",
      "{{ create_index('customer_id, event_at') }}"
    ]
  )
}}

-- What happened, one row an event, from every system. An event is written once and never changed: a later run adds the events that are
-- new by extraction time, however late they happened, and skips what it has. Only customer_id follows the identity map: events of
-- records that have meanwhile come to another customer are written again with the new one.
with

{% if is_incremental() -%}
progress as materialized (

    select source_table, max(extracted_at) as extracted_at
    from {{ this }}
    group by source_table

),

{% endif -%}

order_items as (

    -- The items of the orders that are new, as text to read and as JSON.
    select
        lines.order_id,
        group_concat(lines.product_title || case when lines.quantity > 1 then ' ×' || lines.quantity else '' end, ', ') as items,
        json_group_array(json_object(
            'title', lines.product_title, 'category', products.category, 'quantity', lines.quantity, 'amount', lines.line_amount
        )) as items_json
    from {{ ref('stg_shopify__order_lines') }} as lines
    left join {{ ref('stg_shopify__products') }} as products on products.product_id = lines.product_id
    {{ where_new('shopify.orders', 'lines.extracted_at') }}
    group by lines.order_id

),

events as (

    select
        'shopify:order:' || orders.order_id as event_id,
        'shopify:' || orders.shopify_customer_id as record_id,
        orders.ordered_at as event_at,
        'shopify' as source_system,
        'order' as event_type,
        order_items.items as event_value,
        orders.total_amount as amount,
        orders.currency,
        json_object(
            'order_id', orders.order_id, 'order_name', orders.order_name, 'channel', orders.channel, 'utm_source', orders.utm_source,
            'discount', orders.discount_amount, 'items', json(order_items.items_json)
        ) as context,
        'shopify.orders' as source_table,
        orders.extracted_at
    from {{ ref('stg_shopify__orders') }} as orders
    left join order_items on order_items.order_id = orders.order_id
    {{ where_new('shopify.orders', 'orders.extracted_at') }}

    union all

    select
        'shopify:order_cancelled:' || order_id, 'shopify:' || shopify_customer_id, cancelled_at, 'shopify', 'order_cancelled',
        order_name, -total_amount, currency, json_object('order_id', order_id, 'order_name', order_name, 'reason', cancel_reason),
        'shopify.orders', extracted_at
    from {{ ref('stg_shopify__orders') }}
    {{ where_new('shopify.orders', 'extracted_at') }} and cancelled_at is not null

    union all

    select
        'shopify:return:' || refund_id, 'shopify:' || shopify_customer_id, refunded_at, 'shopify', 'return',
        coalesce(returned_items, note), -refund_amount, currency,
        json_object('order_id', order_id, 'refund_id', refund_id, 'note', note),
        'shopify.orders', extracted_at
    from {{ ref('stg_shopify__refunds') }}
    {{ where_new('shopify.orders', 'extracted_at') }} and not is_cancellation

    union all

    -- A charge without a customer belongs to whoever placed the order that it pays.
    select
        'stripe:charge:' || charges.charge_id,
        coalesce('stripe:' || charges.stripe_customer_id, 'shopify:' || orders.shopify_customer_id),
        charges.charged_at,
        'stripe',
        case charges.status when 'succeeded' then 'payment' else 'payment_failed' end,
        charges.description,
        charges.amount,
        charges.currency,
        json_object(
            'charge_id', charges.charge_id, 'order_id', charges.order_id, 'invoice_id', charges.invoice_id,
            'payment_method', charges.payment_method, 'failure', charges.failure_message
        ),
        'stripe.charges',
        charges.extracted_at
    from {{ ref('stg_stripe__charges') }} as charges
    left join {{ ref('stg_shopify__orders') }} as orders
        on orders.order_id = charges.order_id and charges.stripe_customer_id is null
    {{ where_new('stripe.charges', 'charges.extracted_at') }} and charges.status in ('succeeded', 'failed')

    union all

    select
        'stripe:refund:' || refunds.refund_id,
        coalesce('stripe:' || charges.stripe_customer_id, 'shopify:' || orders.shopify_customer_id),
        refunds.refunded_at,
        'stripe',
        'refund',
        charges.description,
        -refunds.amount,
        refunds.currency,
        json_object('refund_id', refunds.refund_id, 'charge_id', refunds.charge_id, 'order_id', charges.order_id, 'reason', refunds.reason),
        'stripe.refunds',
        refunds.extracted_at
    from {{ ref('stg_stripe__refunds') }} as refunds
    left join {{ ref('stg_stripe__charges') }} as charges on charges.charge_id = refunds.charge_id
    left join {{ ref('stg_shopify__orders') }} as orders
        on orders.order_id = charges.order_id and charges.stripe_customer_id is null
    {{ where_new('stripe.refunds', 'refunds.extracted_at') }} and refunds.status = 'succeeded'

    union all

    select
        'stripe:subscription_started:' || subscription_id, 'stripe:' || stripe_customer_id, started_at, 'stripe', 'subscription_started',
        plan_name, plan_amount, currency, json_object('subscription_id', subscription_id, 'plan', plan_name),
        'stripe.subscriptions', extracted_at
    from {{ ref('stg_stripe__subscriptions') }}
    {{ where_new('stripe.subscriptions', 'extracted_at') }}

    union all

    select
        'stripe:subscription_cancelled:' || subscription_id, 'stripe:' || stripe_customer_id, ended_at, 'stripe', 'subscription_cancelled',
        plan_name, null, currency, json_object('subscription_id', subscription_id, 'plan', plan_name),
        'stripe.subscriptions', extracted_at
    from {{ ref('stg_stripe__subscriptions') }}
    {{ where_new('stripe.subscriptions', 'extracted_at') }} and ended_at is not null

    union all

    select
        'zendesk:ticket_opened:' || ticket_id, 'zendesk:' || zendesk_user_id, created_at, 'zendesk', 'ticket_opened', subject, null, null,
        json_object('ticket_id', ticket_id, 'channel', channel, 'priority', priority, 'tags', json(coalesce(tags, '[]'))),
        'zendesk.tickets', extracted_at
    from {{ ref('stg_zendesk__tickets') }}
    {{ where_new('zendesk.tickets', 'extracted_at') }} and not is_deleted

    union all

    -- Zendesk does not tell when a ticket was solved: the time of the change by which it is first seen solved stands for it.
    select
        'zendesk:ticket_solved:' || ticket_id, 'zendesk:' || zendesk_user_id, updated_at, 'zendesk', 'ticket_solved', subject, null, null,
        json_object('ticket_id', ticket_id), 'zendesk.tickets', extracted_at
    from {{ ref('stg_zendesk__tickets') }}
    {{ where_new('zendesk.tickets', 'extracted_at') }} and status in ('solved', 'closed')

    union all

    select
        'salesforce:lead_created:' || lead_id, 'salesforce:' || lead_id, created_at, 'salesforce', 'lead_created', lead_source, null, null,
        json_object('lead_id', lead_id, 'company', company), 'salesforce.Lead', extracted_at
    from {{ ref('stg_salesforce__leads') }}
    {{ where_new('salesforce.Lead', 'extracted_at') }} and not is_deleted

    union all

    select
        'salesforce:case_opened:' || case_id, 'salesforce:' || contact_id, created_at, 'salesforce', 'ticket_opened', subject, null, null,
        json_object('case_id', case_id, 'case_number', case_number, 'channel', origin, 'priority', priority), 'salesforce.Case', extracted_at
    from {{ ref('stg_salesforce__cases') }}
    {{ where_new('salesforce.Case', 'extracted_at') }} and not is_deleted

    union all

    select
        'salesforce:case_closed:' || case_id, 'salesforce:' || contact_id, closed_at, 'salesforce', 'ticket_solved', subject, null, null,
        json_object('case_id', case_id, 'case_number', case_number), 'salesforce.Case', extracted_at
    from {{ ref('stg_salesforce__cases') }}
    {{ where_new('salesforce.Case', 'extracted_at') }} and not is_deleted and closed_at is not null

    union all

    select
        'app:' || event_id, 'app:' || coalesce(app_user_id, anonymous_id), occurred_at, 'app', event_type,
        coalesce(page_title, page_uri), null, null,
        json_object(
            'page', page_uri, 'category', category, 'session_id', session_id, 'device', device_type, 'campaign', campaign_source, 'order_id', order_id
        ),
        'app.events', extracted_at
    from {{ ref('stg_app__events') }}
    {{ where_new('app.events', 'extracted_at') }}

)

select
    events.event_id,
    map.customer_id,
    events.record_id,
    events.event_at,
    events.source_system,
    events.event_type,
    events.event_value,
    events.amount,
    events.currency,
    events.context,
    events.source_table,
    events.extracted_at
from events
left join {{ ref('int_customer_identity_map') }} as map on map.record_id = events.record_id
{% if is_incremental() -%}
where not exists (select 1 from {{ this }} as written where written.event_id = events.event_id)

union all

select
    written.event_id,
    moved.customer_id,
    written.record_id,
    written.event_at,
    written.source_system,
    written.event_type,
    written.event_value,
    written.amount,
    written.currency,
    written.context,
    written.source_table,
    written.extracted_at
from {{ this }} as written
inner join (
    select known.record_id, known.customer_id as old_customer_id, map.customer_id
    from (select distinct record_id, customer_id from {{ this }}) as known
    left join {{ ref('int_customer_identity_map') }} as map on map.record_id = known.record_id
    where map.customer_id is not known.customer_id
) as moved on moved.record_id = written.record_id
{%- endif %}
