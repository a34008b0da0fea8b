select
    Id as case_id,
    CaseNumber as case_number,
    ContactId as contact_id,
    AccountId as account_id,
    nullif(trim(SuppliedEmail), '') as email,
    Subject as subject,
    Status as status,
    Priority as priority,
    Origin as origin,
    IsClosed as is_closed,
    IsDeleted as is_deleted,
    {{ utc_from_salesforce('CreatedDate') }} as created_at,
    {{ utc_from_salesforce('ClosedDate') }} as closed_at,
    {{ utc_from_salesforce('SystemModstamp') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('salesforce', 'Case') }}
