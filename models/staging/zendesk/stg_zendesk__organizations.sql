select
    id as organization_id,
    name as organization_name,
    external_id,
    {{ utc_from_iso('created_at') }} as created_at,
    _airbyte_extracted_at as extracted_at
from {{ source('zendesk', 'organizations') }}
