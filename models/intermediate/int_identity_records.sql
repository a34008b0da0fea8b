{{
  config(
    materialized='table',
    post_hook=[
      "{{ drop_index('record_id') }}", "{{ create_index('record_id') }}",
      "{{ drop_index('record_number') }}", "{{ create_index('record_number') }}"
    ]
  )
}}

-- Every record of a person in any system, in one shape, numbered by age: 1 is the oldest. The numbers hold for one run only.
with

records as (

    select
        'shopify' as source_system,
        'customer' as record_type,
        cast(shopify_customer_id as text) as source_id,
        first_name,
        last_name,
        email,
        phone,
        null as gender,
        null as birth_date,
        street,
        postal_code,
        city,
        country_code,
        null as acquisition_source,
        created_at,
        updated_at,
        0 as is_deleted
    from {{ ref('stg_shopify__customers') }}

    union all

    select
        'stripe', 'customer', stripe_customer_id, first_name, last_name, email, phone, null, null, street, postal_code, city, country_code,
        null, created_at, updated_at, is_deleted
    from {{ ref('stg_stripe__customers') }}

    union all

    -- Stripe forgets a customer who is deleted, but not the charges: what they say of the payer stands in.
    select
        'stripe', 'customer', stripe_customer_id, {{ first_name_of('billing_name') }}, {{ last_name_of('billing_name') }},
        billing_email, billing_phone, null, null, null, null, null, billing_country_code, null, min(charged_at), max(charged_at), 1
    from {{ ref('stg_stripe__charges') }}
    where stripe_customer_id not in (select stripe_customer_id from {{ ref('stg_stripe__customers') }})
    group by stripe_customer_id

    union all

    select
        'zendesk', 'user', cast(zendesk_user_id as text), first_name, last_name, email, phone, null, null, null, null, null, null,
        null, created_at, updated_at, is_deleted
    from {{ ref('stg_zendesk__users') }}
    where role = 'end-user'

    union all

    select
        'salesforce', 'contact', contact_id, first_name, last_name, email, coalesce(mobile_phone, phone), gender, birth_date, street,
        postal_code, city, countries.country_code, lead_source, created_at, updated_at, is_deleted
    from {{ ref('stg_salesforce__contacts') }} as contacts
    left join {{ ref('countries') }} as countries on countries.country_name = contacts.country

    union all

    select
        'salesforce', 'lead', lead_id, first_name, last_name, email, phone, null, null, street,
        postal_code, city, countries.country_code, lead_source, created_at, updated_at, is_deleted
    from {{ ref('stg_salesforce__leads') }} as leads
    left join {{ ref('countries') }} as countries on countries.country_name = leads.country

    union all

    select
        'app', 'user', app_user_id, first_name, last_name, email, phone, gender, birth_date, null, null, city, country_code,
        acquisition_source, created_at, updated_at, is_deleted
    from {{ ref('stg_app__users') }}

)

select
    row_number() over (order by records.created_at, records.source_system, records.source_id) as record_number,
    records.source_system || ':' || records.source_id as record_id,
    records.*,
    first_names.name_key as first_name_key,
    first_names.full_name_key as full_first_name_key,
    last_names.name_key as last_name_key
from records
left join {{ ref('int_name_keys') }} as first_names on first_names.name = records.first_name
left join {{ ref('int_name_keys') }} as last_names on last_names.name = records.last_name
order by 1
