select
    id as ticket_id,
    requester_id as zendesk_user_id,
    organization_id,
    subject,
    type as ticket_type,
    status,
    priority,
    json_extract(via, '$.channel') as channel,
    tags,
    custom_fields,
    status = 'deleted' as is_deleted,
    {{ utc_from_iso('created_at') }} as created_at,
    {{ utc_from_iso('updated_at') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('zendesk', 'tickets') }}
