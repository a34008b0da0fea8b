{{ config(materialized='table') }}

-- Two records that share an identifier are the same person, if nothing speaks against it:
--   * identifiers that one system keeps of another (strong) need no more;
--   * a mailbox or a telephone may belong to a family, so the given names have to agree. Where the names of all records that share
--     the value go together, a record without a name goes with them; where they do not (a contested value), only records whose
--     names surely agree are linked, so that nobody without a name, and no initial, can tie two people together.
with

shared as materialized (

    select
        identifiers.record_number,
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.is_strong,
        records.first_name_key,
        records.full_first_name_key,
        records.last_name_key,
        -- An address says little of two people of one name who live together: it counts for records that name no mailbox.
        identifiers.identifier_type = 'address' and records.record_number in (
            select mailboxes.record_number
            from {{ ref('int_identity_identifiers') }} as mailboxes
            where mailboxes.identifier_type = 'email' and mailboxes.block_reason is null
        ) as is_weak
    from {{ ref('int_identity_identifiers') }} as identifiers
    inner join {{ ref('int_identity_records') }} as records on records.record_number = identifiers.record_number
    where identifiers.block_reason is null and identifiers.records_with_value > 1

),

pairs as materialized (

    select
        older.record_number as older_record_number,
        younger.record_number as younger_record_number,
        older.identifier_type,
        older.identifier_value,
        case when older.is_strong and younger.is_strong then 2 else {{ names_agree('older', 'younger') }} end as agreement
    from shared as older
    inner join shared as younger
        on younger.identifier_value = older.identifier_value
        and younger.identifier_type = older.identifier_type
        and younger.record_number > older.record_number
    where not (older.is_weak and younger.is_weak)

),

contested as materialized (

    select distinct identifier_type, identifier_value
    from pairs
    where agreement = 0

)

select
    pairs.older_record_number,
    pairs.younger_record_number,
    pairs.identifier_type,
    pairs.identifier_value,
    pairs.agreement
from pairs
left join contested
    on contested.identifier_value = pairs.identifier_value
    and contested.identifier_type = pairs.identifier_type
where
    pairs.agreement = 2
    or (contested.identifier_value is null and pairs.agreement = 1 and pairs.identifier_type <> 'national_phone')
    or (contested.identifier_value is null and pairs.agreement is null and pairs.identifier_type not in ('anonymous_id', 'national_phone'))
