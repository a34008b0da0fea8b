-- Every name that a person bears in any system, with the key by which names are compared: lower case, marks folded to plain letters, no
-- blanks, hyphens, dots or apostrophes, and ae, oe, ue as the umlauts they stand for. SQLite's lower() knows ASCII only, so names with
-- other letters are walked letter by letter.
with recursive

names as (

    {% for model in [
        'stg_shopify__customers', 'stg_stripe__customers', 'stg_zendesk__users', 'stg_salesforce__contacts', 'stg_salesforce__leads', 'stg_app__users'
    ] -%}
    select first_name as name from {{ ref(model) }}
    union
    select last_name from {{ ref(model) }}
    union
    {% endfor -%}
    select {{ first_name_of('billing_name') }} from {{ ref('stg_stripe__charges') }}
    union
    select {{ last_name_of('billing_name') }} from {{ ref('stg_stripe__charges') }}

),

bare as materialized (

    select
        name,
        replace(replace(replace(replace(lower(name), ' ', ''), '-', ''), '.', ''), '''', '') as letters
    from names
    where name is not null

),

walk (name, rest, folded) as (

    select name, letters, '' from bare where letters glob '*[^ -~]*'

    union all

    select
        walk.name,
        substr(walk.rest, 2),
        walk.folded || coalesce(
            (select letters.base from {{ ref('letters') }} as letters where letters.letter = substr(walk.rest, 1, 1)),
            substr(walk.rest, 1, 1)
        )
    from walk
    where walk.rest <> ''

),

plain as (

    select name, letters from bare where letters not glob '*[^ -~]*'
    union all
    select name, coalesce(folded, '') from walk where rest = ''

),

keyed as materialized (

    select name, nullif(replace(replace(replace(letters, 'ae', 'a'), 'oe', 'o'), 'ue', 'u'), '') as name_key
    from plain

)

select keyed.name, keyed.name_key, coalesce(nicknames.given_name, keyed.name_key) as full_name_key
from keyed
left join {{ ref('nicknames') }} as nicknames on nicknames.nickname = keyed.name_key
