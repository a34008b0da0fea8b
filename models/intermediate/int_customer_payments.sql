-- What each customer paid, failed to pay and got back through Stripe, and the subscriptions they hold.
with

charges as materialized (

    select
        stripe_customer_id,
        sum(status = 'succeeded') as charge_count,
        sum(status = 'failed') as failed_charge_count,
        sum(case when status = 'succeeded' then amount else 0 end) as charged_amount,
        sum(case when status = 'succeeded' then refunded_amount else 0 end) as refunded_amount,
        sum(refunded_amount > 0) as refund_count,
        max(case when status = 'succeeded' then charged_at end) as last_charge_at
    from {{ ref('stg_stripe__charges') }}
    where stripe_customer_id is not null
    group by stripe_customer_id

),

subscriptions as materialized (

    select
        stripe_customer_id,
        count(*) as subscription_count,
        sum(ended_at is null) as active_subscription_count,
        max(case when ended_at is null then plan_name end) as subscription_plan,
        min(started_at) as first_subscribed_at
    from {{ ref('stg_stripe__subscriptions') }}
    group by stripe_customer_id

)

select
    map.customer_id,
    coalesce(sum(charges.charge_count), 0) as charge_count,
    coalesce(sum(charges.failed_charge_count), 0) as failed_charge_count,
    round(coalesce(sum(charges.charged_amount), 0), 2) as charged_amount,
    coalesce(sum(charges.refund_count), 0) as refund_count,
    round(coalesce(sum(charges.refunded_amount), 0), 2) as refunded_amount,
    max(charges.last_charge_at) as last_charge_at,
    coalesce(sum(subscriptions.subscription_count), 0) as subscription_count,
    coalesce(sum(subscriptions.active_subscription_count), 0) as active_subscription_count,
    max(subscriptions.subscription_plan) as subscription_plan,
    min(subscriptions.first_subscribed_at) as first_subscribed_at
from {{ ref('int_customer_identity_map') }} as map
left join charges on charges.stripe_customer_id = map.source_id
left join subscriptions on subscriptions.stripe_customer_id = map.source_id
where map.source_system = 'stripe'
group by map.customer_id
