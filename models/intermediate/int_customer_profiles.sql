-- The golden record: of all that the systems say of a customer, what holds. The rules, in order:
--   * deleted records speak only where no other does, and blocked values never;
--   * names, gender, birth date, e-mail, telephone: what most records say; an initial or ALL CAPITALS gives way to a name written out;
--     on a tie the system that is trusted more (Salesforce contact, Shopify, application, Stripe, Zendesk, lead), then the newest record;
--   * where they live: what the record with the latest change says, since people move;
--   * where they came from: what the oldest record says, since the first touch is asked for.
-- SQLite takes bare columns beside a single max() from the row of the maximum: each value comes from the record with the best score.
with

records as materialized (

    select
        map.customer_id,
        records.*,
        case records.source_system || ' ' || records.record_type
            when 'salesforce contact' then 6
            when 'shopify customer' then 5
            when 'app user' then 4
            when 'stripe customer' then 3
            when 'zendesk user' then 2
            else 1
        end + (julianday(records.updated_at) - 2400000) / 1000000.0 - 100 * records.is_deleted as trust
    from {{ ref('int_identity_records') }} as records
    inner join {{ ref('int_customer_identity_map') }} as map on map.record_id = records.record_id

),

known as materialized (

    select
        records.customer_id,
        identifiers.identifier_type,
        identifiers.identifier_value,
        count(*) * 10 + max(records.trust) as score
    from {{ ref('int_identity_identifiers') }} as identifiers
    inner join records on records.record_number = identifiers.record_number
    where identifiers.identifier_type in ('email', 'phone') and identifiers.block_reason is null
    group by records.customer_id, identifiers.identifier_type, identifiers.identifier_value

),

{% for attribute, key, text_penalty in [
  ('first_name', 'full_first_name_key', true), ('last_name', 'last_name_key', true), ('gender', 'gender', false), ('birth_date', 'birth_date', false)
] -%}
{{ attribute }}s as (

    select customer_id, {{ attribute }}, max(score) as score
    from (
        select
            customer_id,
            {{ attribute }},
            count(*) over (partition by customer_id, {{ key }}) * 10 + trust
            {%- if text_penalty %} - 500 * (length({{ key }}) < 2) - 9 * ({{ attribute }} = upper({{ attribute }})){% endif %} as score
        from records
        where {{ attribute }} is not null
    )
    group by customer_id

),

{% endfor -%}
emails as (

    select customer_id, identifier_value as email, max(score) as score
    from known
    where identifier_type = 'email'
    group by customer_id

),

phones as (

    select customer_id, '+' || identifier_value as phone, max(score) as score
    from known
    where identifier_type = 'phone'
    group by customer_id

),

homes as (

    select customer_id, city, country_code, max(updated_at || (1 - is_deleted)) as latest
    from records
    where country_code is not null
    group by customer_id

),

origins as (

    select customer_id, acquisition_source, min(created_at) as earliest
    from records
    where acquisition_source is not null
    group by customer_id

),

counts as (

    select
        customer_id,
        min(created_at) as created_at,
        count(*) as source_record_count,
        count(distinct source_system) as source_system_count,
        sum(is_deleted) = count(*) as is_deleted,
        json_group_array(record_id) as known_as
    from records
    group by customer_id

)

select
    counts.customer_id,
    first_names.first_name,
    last_names.last_name,
    emails.email,
    phones.phone,
    genders.gender,
    birth_dates.birth_date,
    homes.city,
    homes.country_code,
    origins.acquisition_source,
    counts.created_at,
    counts.source_record_count,
    counts.source_system_count,
    counts.is_deleted,
    counts.known_as
from counts
left join first_names on first_names.customer_id = counts.customer_id
left join last_names on last_names.customer_id = counts.customer_id
left join emails on emails.customer_id = counts.customer_id
left join phones on phones.customer_id = counts.customer_id
left join genders on genders.customer_id = counts.customer_id
left join birth_dates on birth_dates.customer_id = counts.customer_id
left join homes on homes.customer_id = counts.customer_id
left join origins on origins.customer_id = counts.customer_id
