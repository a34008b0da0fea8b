extension BuiltinMacros {
  /// SQL before and after a node (docs.getdbt.com/reference/resource-configs/pre-hook-post-hook).
  static let hookMacros = #"""
    {% macro run_hooks(hooks, inside_transaction=true) -%}
      {%- for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) -%}
        {%- set rendered = render(hook.get('sql')) | trim -%}
        {%- if rendered | length > 0 -%}
          {%- call statement(auto_begin=inside_transaction) -%}
            {{ rendered }}
          {%- endcall -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endmacro %}

    {% macro make_hook_config(sql, inside_transaction) -%}
      {{ tojson({'sql': sql, 'transaction': inside_transaction}) }}
    {%- endmacro %}

    {% macro before_begin(sql) -%}
      {{ make_hook_config(sql, inside_transaction=false) }}
    {%- endmacro %}

    {% macro in_transaction(sql) -%}
      {{ make_hook_config(sql, inside_transaction=true) }}
    {%- endmacro %}

    {% macro after_commit(sql) -%}
      {{ make_hook_config(sql, inside_transaction=false) }}
    {%- endmacro %}
    """#
}
