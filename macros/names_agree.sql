{#
  Whether two given names, as normalise_name() writes them, are the same name with one slip of the finger between them: a letter lost,
  added, replaced, or swapped with its neighbour (Damerau 1964, distance 1). Looks at the first twelve letters.
#}
{% macro one_slip_apart(a, b) -%}
  (length({{ a }}) > 2 and length({{ b }}) > 2 and abs(length({{ a }}) - length({{ b }})) < 2 and (
    {%- for same in range(12) %}
    {% if not loop.first %}or {% endif -%}
    (substr({{ a }}, 1, {{ same }}) = substr({{ b }}, 1, {{ same }}) and (
      substr({{ a }}, {{ same + 2 }}) in (substr({{ b }}, {{ same + 2 }}), substr({{ b }}, {{ same + 1 }}))
      or substr({{ a }}, {{ same + 1 }}) = substr({{ b }}, {{ same + 2 }})
      or (
        substr({{ a }}, {{ same + 3 }}) = substr({{ b }}, {{ same + 3 }})
        and substr({{ a }}, {{ same + 1 }}, 1) = substr({{ b }}, {{ same + 2 }}, 1)
        and substr({{ a }}, {{ same + 2 }}, 1) = substr({{ b }}, {{ same + 1 }}, 1)
      )
    ))
    {%- endfor %}
  ))
{%- endmacro %}

{#
  How the given names of two records agree: 2 surely (equal, a nickname's full form equal, one slip apart, given and family name swapped),
  1 perhaps (an initial, the beginning of the other, or a single name
  that is the other's family name), 0 not at all; null when one of them is missing.
#}
{% macro names_agree(a, b) -%}
  case
    when {{ a }}.first_name_key is null or {{ b }}.first_name_key is null then null
    when {{ a }}.first_name_key = {{ b }}.first_name_key then 2
    when {{ a }}.full_first_name_key = {{ b }}.full_first_name_key then 2
    when {{ a }}.first_name_key = {{ b }}.last_name_key and {{ a }}.last_name_key = {{ b }}.first_name_key then 2
    when {{ one_slip_apart(a ~ '.first_name_key', b ~ '.first_name_key') }} then 2
    when {{ a }}.last_name_key is null and {{ a }}.first_name_key = {{ b }}.last_name_key then 1
    when {{ b }}.last_name_key is null and {{ b }}.first_name_key = {{ a }}.last_name_key then 1
    when {{ a }}.first_name_key = substr({{ b }}.first_name_key, 1, length({{ a }}.first_name_key)) then 1
    when {{ b }}.first_name_key = substr({{ a }}.first_name_key, 1, length({{ b }}.first_name_key)) then 1
    else 0
  end
{%- endmacro %}
