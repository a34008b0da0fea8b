extension BuiltinMacros {
  /// Texts.
  static let textMacros = #"""
    {% macro concat(fields) -%}
      {{ return(adapter.dispatch('concat', 'dbt')(fields)) }}
    {%- endmacro %}

    {% macro default__concat(fields) -%}
      {{ return(fields | join(' || ')) }}
    {%- endmacro %}

    {% macro escape_single_quotes(expression) -%}
      {{ return(adapter.dispatch('escape_single_quotes', 'dbt')(expression)) }}
    {%- endmacro %}

    {% macro default__escape_single_quotes(expression) -%}
      {{ expression | replace("'", "''") }}
    {%- endmacro %}

    {% macro hash(field) -%}
      {{ return(adapter.dispatch('hash', 'dbt')(field)) }}
    {%- endmacro %}

    {% macro default__hash(field) -%}
      md5(cast({{ field }} as {{ api.Column.translate_type('string') }}))
    {%- endmacro %}

    {% macro length(expression) -%}
      {{ return(adapter.dispatch('length', 'dbt')(expression)) }}
    {%- endmacro %}

    {% macro default__length(expression) -%}
      length({{ expression }})
    {%- endmacro %}

    {% macro position(substring_text, string_text) -%}
      {{ return(adapter.dispatch('position', 'dbt')(substring_text, string_text)) }}
    {%- endmacro %}

    {% macro default__position(substring_text, string_text) -%}
      instr({{ string_text }}, {{ substring_text }})
    {%- endmacro %}

    {% macro replace(field, old_chars, new_chars) -%}
      {{ return(adapter.dispatch('replace', 'dbt')(field, old_chars, new_chars)) }}
    {%- endmacro %}

    {% macro default__replace(field, old_chars, new_chars) -%}
      replace({{ field }}, {{ old_chars }}, {{ new_chars }})
    {%- endmacro %}

    {% macro right(string_text, length_expression) -%}
      {{ return(adapter.dispatch('right', 'dbt')(string_text, length_expression)) }}
    {%- endmacro %}

    {% macro default__right(string_text, length_expression) -%}
      case when {{ length_expression }} = 0 then '' else substr({{ string_text }}, -({{ length_expression }})) end
    {%- endmacro %}

    {% macro split_part(string_text, delimiter_text, part_number) -%}
      {{ return(adapter.dispatch('split_part', 'dbt')(string_text, delimiter_text, part_number)) }}
    {%- endmacro %}

    {# The text as a JSON array of its parts, and of that the element: no function beyond SQLite's own. #}
    {% macro default__split_part(string_text, delimiter_text, part_number) -%}
      case when {{ string_text }} is not null then coalesce(json_extract(
        '[' || replace(
          json_quote(cast({{ string_text }} as text)),
          substr(json_quote({{ delimiter_text }}), 2, length(json_quote({{ delimiter_text }})) - 2),
          '","'
        ) || ']',
        {%- if part_number is number and part_number < 0 %}
        '$[#{{ part_number }}]'
        {%- elif part_number is number %}
        '$[{{ part_number - 1 }}]'
        {%- else %}
        '$[' || case when {{ part_number }} < 0 then '#' || ({{ part_number }}) else ({{ part_number }}) - 1 end || ']'
        {%- endif %}
      ), '') end
    {%- endmacro %}

    {% macro string_literal(value) -%}
      {{ return(adapter.dispatch('string_literal', 'dbt')(value)) }}
    {%- endmacro %}

    {% macro default__string_literal(value) -%}
      '{{ value }}'
    {%- endmacro %}

    {% macro listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) -%}
      {{ return(adapter.dispatch('listagg', 'dbt')(measure, delimiter_text, order_by_clause, limit_num)) }}
    {%- endmacro %}

    {# group_concat takes no ORDER BY before SQLite 3.44: the group goes through a JSON array, which a subquery sorts. The
       array stands in an array of its own, since SQLite lets an aggregate of the outer query into a FROM in no other way.
       Columns named as those of json_each (id, value, key, type, …) must be written with their table: t.id. #}
    {% macro default__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
      {%- set measure = measure | trim -%}
      {%- set distinct = 'distinct ' if measure[:9] | lower == 'distinct ' else '' -%}
      {%- set measure = measure[9:] if distinct else measure -%}
      {%- if not order_by_clause and not limit_num and (not distinct or delimiter_text == "','") -%}
        group_concat({{ distinct }}{{ measure }}{{ ', ' ~ delimiter_text if not distinct }})
      {%- else -%}
        {%- set expressions = [] -%}
        {%- set directions = [] -%}
        {%- set clause = (order_by_clause or '') | trim -%}
        {%- if clause | lower | replace('order by', '') != clause | lower -%}{%- set clause = clause[8:] -%}{%- endif -%}
        {%- for item in clause.split(',') if item | trim -%}
          {%- set words = (item | trim).split(' ') -%}
          {%- if words | last | lower in ['asc', 'desc'] -%}
            {%- do expressions.append(words[:-1] | join(' ')) -%}
            {%- do directions.append(words | last) -%}
          {%- else -%}
            {%- do expressions.append(words | join(' ')) -%}
            {%- do directions.append('asc') -%}
          {%- endif -%}
        {%- endfor -%}
        (
          select (
            select group_concat(element, {{ delimiter_text }})
            from (
              select list_element.value ->> 0 as element
              from json_each(list_group.value) as list_element
              where list_element.value ->> 0 is not null
              {%- if expressions %}
              order by {% for direction in directions %}list_element.value ->> {{ loop.index }} {{ direction }}{{ ', ' if not loop.last }}{% endfor %}
              {%- endif %}
              {%- if limit_num %}
              limit {{ limit_num }}
              {%- endif %}
            )
          )
          from json_each((select json_array(json_group_array({{ distinct }}json_array({{ ([measure] + expressions) | join(', ') }}))))) as list_group
        )
      {%- endif -%}
    {%- endmacro %}
    """#
}
