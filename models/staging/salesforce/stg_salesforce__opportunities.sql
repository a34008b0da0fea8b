select
    Id as opportunity_id,
    AccountId as account_id,
    Name as opportunity_name,
    StageName as stage_name,
    Amount as amount,
    IsWon as is_won,
    IsClosed as is_closed,
    CloseDate as close_date,
    IsDeleted as is_deleted,
    {{ utc_from_salesforce('CreatedDate') }} as created_at,
    {{ utc_from_salesforce('SystemModstamp') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('salesforce', 'Opportunity') }}
