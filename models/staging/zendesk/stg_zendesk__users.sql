select
    id as zendesk_user_id,
    -- Zendesk insists on a name: where nobody told one it holds the address, or that it is unknown.
    case when is_named then {{ first_name_of('name') }} end as first_name,
    case when is_named then {{ last_name_of('name') }} end as last_name,
    nullif(trim(email), '') as email,
    nullif(trim(phone), '') as phone,
    nullif(trim(external_id), '') as external_id,
    role,
    coalesce(active, 1) = 0 as is_deleted,
    {{ utc_from_iso('created_at') }} as created_at,
    {{ utc_from_iso('updated_at') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from (
    select *, instr(name, '@') = 0 and lower(name) not in ('unknown', 'unknown caller', 'caller', 'anonymous') as is_named
    from {{ source('zendesk', 'users') }}
)
