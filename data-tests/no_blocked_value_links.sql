-- Nobody is linked by a value that is junk or shared by too many.
select edges.*
from {{ ref('int_identity_edges') }} as edges
inner join {{ ref('int_identity_identifiers') }} as identifiers
    on identifiers.record_number = edges.older_record_number
    and identifiers.identifier_type = edges.identifier_type
    and identifiers.identifier_value = edges.identifier_value
where identifiers.block_reason is not null
