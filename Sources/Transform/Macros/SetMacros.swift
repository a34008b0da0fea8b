extension BuiltinMacros {
  /// Set operators, and arrays as JSON texts.
  static let setMacros = #"""
    {% macro except() -%}{{ return(adapter.dispatch('except', 'dbt')()) }}{%- endmacro %}
    {% macro default__except() -%}
      except
    {%- endmacro %}

    {% macro intersect() -%}{{ return(adapter.dispatch('intersect', 'dbt')()) }}{%- endmacro %}
    {% macro default__intersect() -%}
      intersect
    {%- endmacro %}

    {% macro array_construct(inputs=[], data_type=none) -%}
      {{ return(adapter.dispatch('array_construct', 'dbt')(inputs, data_type)) }}
    {%- endmacro %}

    {% macro default__array_construct(inputs, data_type) -%}
      json_array({{ inputs | join(', ') }})
    {%- endmacro %}

    {% macro array_append(array, new_element) -%}
      {{ return(adapter.dispatch('array_append', 'dbt')(array, new_element)) }}
    {%- endmacro %}

    {% macro default__array_append(array, new_element) -%}
      json_insert({{ array }}, '$[#]', {{ new_element }})
    {%- endmacro %}

    {% macro array_concat(array_1, array_2) -%}
      {{ return(adapter.dispatch('array_concat', 'dbt')(array_1, array_2)) }}
    {%- endmacro %}

    {% macro default__array_concat(array_1, array_2) -%}
      (select json_group_array(value) from (
        select value from json_each({{ array_1 }}) union all select value from json_each({{ array_2 }})
      ))
    {%- endmacro %}
    """#
}
