{{ config(materialized='table') }}

-- What each record is known by: a row a record and normalised value. Values that say nothing about who somebody is bear a block_reason:
-- junk (seed junk_identifiers), or shared by more records than one person or family has (var identity_max_records).
with

-- Mailboxes and telephones that records name, or that were given when one of them bought or paid.
contact_points as (

    select record_id, 'email' as identifier_type, email as raw_value from {{ ref('int_identity_records') }} where email is not null
    union
    select 'shopify:' || shopify_customer_id, 'email', email from {{ ref('stg_shopify__orders') }}
    where email is not null and shopify_customer_id is not null
    union
    select 'stripe:' || stripe_customer_id, 'email', billing_email from {{ ref('stg_stripe__charges') }}
    where billing_email is not null and stripe_customer_id is not null
    union
    select 'salesforce:' || contact_id, 'email', email from {{ ref('stg_salesforce__cases') }}
    where email is not null and contact_id is not null
    union
    select record_id, 'phone', phone from {{ ref('int_identity_records') }} where phone is not null
    union
    select 'shopify:' || shopify_customer_id, 'phone', phone from {{ ref('stg_shopify__orders') }}
    where phone is not null and shopify_customer_id is not null
    union
    select 'stripe:' || stripe_customer_id, 'phone', billing_phone from {{ ref('stg_stripe__charges') }}
    where billing_phone is not null and stripe_customer_id is not null

),

phones as materialized (

    select
        contact_points.record_id,
        {{ trim_phone('contact_points.raw_value') }} as number,
        {{ phone_digits(trim_phone('contact_points.raw_value')) }} as digits,
        countries.calling_code,
        coalesce(countries.trunk_prefix, '') as trunk_prefix
    from contact_points
    left join {{ ref('int_identity_records') }} as records on records.record_id = contact_points.record_id
    left join {{ ref('countries') }} as countries
        on countries.country_code = coalesce(records.country_code, '{{ var("home_country") }}')
    where contact_points.identifier_type = 'phone'

),

identifiers as (

    select record_id, 'email' as identifier_type, {{ normalise_email('raw_value') }} as identifier_value, 0 as is_strong
    from contact_points
    where identifier_type = 'email'

    union

    select record_id, 'phone', {{ normalise_phone('number', 'digits', 'calling_code', 'trunk_prefix') }}, 0
    from phones

    union

    -- Records that name no country write their telephone as one at home does, wherever that is: the last nine digits are the same.
    -- Two countries have the same number, so this counts between records of one full name only (int_identity_edges).
    select record_id, 'national_phone', substr({{ normalise_phone('number', 'digits', 'calling_code', 'trunk_prefix') }}, -9), 0
    from phones
    where length(digits) >= 9

    union

    -- Identifiers of one system that another one keeps.
    select record_id, source_system || '_' || record_type || '_id', source_id, 1
    from {{ ref('int_identity_records') }}

    union

    select 'stripe:' || stripe_customer_id, 'shopify_customer_id', shopify_customer_id, 1
    from {{ ref('stg_stripe__customers') }}

    union

    select 'stripe:' || charges.stripe_customer_id, 'shopify_customer_id', cast(orders.shopify_customer_id as text), 1
    from {{ ref('stg_stripe__charges') }} as charges
    inner join {{ ref('stg_shopify__orders') }} as orders on orders.order_id = charges.order_id

    union

    select 'shopify:' || orders.shopify_customer_id, 'app_user_id', json_extract(note.value, '$.value'), 1
    from {{ ref('stg_shopify__orders') }} as orders, json_each(orders.note_attributes) as note
    where json_extract(note.value, '$.name') = 'app_user_id'

    union

    select 'app:' || app_user_id, 'shopify_customer_id', shopify_customer_id, 1
    from {{ ref('stg_app__users') }}

    union

    -- Who pays while logged in is who ordered.
    select 'app:' || events.app_user_id, 'shopify_customer_id', cast(orders.shopify_customer_id as text), 1
    from {{ ref('stg_app__events') }} as events
    inner join {{ ref('stg_shopify__orders') }} as orders on orders.order_id = cast(events.order_id as integer)
    where events.order_id is not null

    union

    select 'salesforce:' || lead_id, 'salesforce_contact_id', converted_contact_id, 1
    from {{ ref('stg_salesforce__leads') }}

    union

    select 'zendesk:' || zendesk_user_id, 'app_user_id', external_id, 1
    from {{ ref('stg_zendesk__users') }}

    union

    -- Things that a household may share, and the orders that somebody asks the support about.
    select 'zendesk:' || tickets.zendesk_user_id, 'shopify_customer_id', cast(orders.shopify_customer_id as text), 0
    from {{ ref('stg_zendesk__tickets') }} as tickets, json_each(tickets.custom_fields) as field
    inner join {{ ref('stg_shopify__orders') }} as orders on orders.order_id = cast(json_extract(field.value, '$.value') as integer)

    union

    select 'stripe:' || stripe_customer_id, 'card', card_fingerprint, 0
    from {{ ref('stg_stripe__charges') }}

    union

    select 'shopify:' || orders.shopify_customer_id, 'anonymous_id', json_extract(note.value, '$.value'), 0
    from {{ ref('stg_shopify__orders') }} as orders, json_each(orders.note_attributes) as note
    where json_extract(note.value, '$.name') = 'anonymous_id'

    union

    select 'app:' || app_user_id, 'anonymous_id', anonymous_id, 0
    from {{ ref('stg_app__events') }}
    where app_user_id is not null

    union

    -- Who bears one family name and was born on one day, or bears one full name and lives at one address.
    select record_id, 'birth_date', last_name_key || ' ' || birth_date, 0
    from {{ ref('int_identity_records') }}

    union

    select
        record_id, 'address',
        full_first_name_key || ' ' || last_name_key || ' ' || country_code || ' ' || replace(upper(postal_code), ' ', '') || ' '
            || replace(lower(street), ' ', ''), 0
    from {{ ref('int_identity_records') }}

),

known as materialized (

    select records.record_number, identifiers.*
    from identifiers
    inner join {{ ref('int_identity_records') }} as records on records.record_id = identifiers.record_id
    where identifiers.identifier_value <> ''

),

limits (identifier_type, max_records) as (

    values
    {%- for identifier_type, max_records in var('identity_max_records').items() %}
    ('{{ identifier_type }}', {{ max_records }}){{ ',' if not loop.last }}
    {%- endfor %}

),

-- Each value is counted and judged once, however many records have it.
judged as materialized (

    select
        known.identifier_type,
        known.identifier_value,
        count(*) as records_with_value,
        case
            when count(*) > coalesce(max(limits.max_records), {{ var('identity_max_records')['default'] }}) then 'shared by too many records'
            else (
                select junk.reason
                from {{ ref('junk_identifiers') }} as junk
                where junk.identifier_type = replace(known.identifier_type, 'national_', '') and known.identifier_value glob junk.pattern
                limit 1
            )
        end as block_reason
    from known
    left join limits on limits.identifier_type = known.identifier_type
    group by known.identifier_type, known.identifier_value

)

select
    known.record_number,
    known.record_id,
    known.identifier_type,
    known.identifier_value,
    known.is_strong,
    judged.records_with_value,
    judged.block_reason
from known
inner join judged
    on judged.identifier_value = known.identifier_value
    and judged.identifier_type = known.identifier_type
