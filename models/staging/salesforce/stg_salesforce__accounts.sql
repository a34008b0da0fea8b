select
    Id as account_id,
    Name as account_name,
    Type as account_type,
    Industry as industry,
    BillingCountry as country,
    IsDeleted as is_deleted,
    {{ utc_from_salesforce('CreatedDate') }} as created_at,
    {{ utc_from_salesforce('SystemModstamp') }} as updated_at,
    _airbyte_extracted_at as extracted_at
from {{ source('salesforce', 'Account') }}
