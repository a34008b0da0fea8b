extension BuiltinMacros {
  /// Series of numbers and dates.
  static let dateSeriesMacros = #"""
    {% macro get_powers_of_two(upper_bound) -%}
      {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
    {%- endmacro %}

    {% macro default__get_powers_of_two(upper_bound) -%}
      {%- if upper_bound <= 0 -%}
        {% do exceptions.raise_compiler_error("upper bound must be positive") %}
      {%- endif -%}
      {%- for power in range(1, 100) -%}
        {%- if upper_bound <= 2 ** power -%}{{ return(power) }}{%- endif -%}
      {%- endfor -%}
    {%- endmacro %}

    {% macro generate_series(upper_bound) -%}
      {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
    {%- endmacro %}

    {% macro default__generate_series(upper_bound) -%}
      with recursive series (generated_number) as (
        select 1
        union all
        select generated_number + 1 from series where generated_number < {{ upper_bound }}
      )
      select generated_number from series
    {%- endmacro %}

    {% macro get_intervals_between(start_date, end_date, datepart) -%}
      {{ return(adapter.dispatch('get_intervals_between', 'dbt')(start_date, end_date, datepart)) }}
    {%- endmacro %}

    {% macro default__get_intervals_between(start_date, end_date, datepart) -%}
      {%- if not execute -%}{{ return(1) }}{%- endif -%}
      {%- set table = run_query('select ' ~ datediff(start_date, end_date, datepart)) -%}
      {{ return(table.columns[0].values()[0]) }}
    {%- endmacro %}

    {% macro date_spine(datepart, start_date, end_date) -%}
      {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
    {%- endmacro %}

    {% macro default__date_spine(datepart, start_date, end_date) -%}
      with recursive all_periods (number, date_{{ datepart }}) as (
        select 0, {{ dateadd(datepart, 0, start_date) }}
        union all
        select number + 1, {{ dateadd(datepart, 'number + 1', start_date) }}
        from all_periods
        where number + 1 < {{ datediff(start_date, end_date, datepart) }}
      )
      select date_{{ datepart }}
      from all_periods
      where number < {{ datediff(start_date, end_date, datepart) }} and datetime(date_{{ datepart }}) <= datetime({{ end_date }})
    {%- endmacro %}

    {% macro convert_datetime(date_str, date_fmt) -%}
      {{ return(modules.datetime.datetime.strptime(date_str, date_fmt)) }}
    {%- endmacro %}

    {% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') -%}
      {%- set end_date_str = start_date_str if end_date_str is none else end_date_str -%}
      {%- set first = convert_datetime(start_date_str, in_fmt) -%}
      {%- set days = (convert_datetime(end_date_str, in_fmt) - first).days -%}
      {%- if days < 0 -%}
        {% do exceptions.raise_compiler_error("Partition start date is after the end date") %}
      {%- endif -%}
      {%- set dates = [] -%}
      {%- for day in range(0, days + 1) -%}
        {%- do dates.append((first + modules.datetime.timedelta(days=day)).strftime(out_fmt)) -%}
      {%- endfor -%}
      {{ return(dates) }}
    {%- endmacro %}

    {% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') -%}
      {%- set bounds = (raw_partition_date | string).split(',') -%}
      {{ return(dates_in_range(bounds[0], bounds[1] if bounds | length == 2 else none, date_fmt)) }}
    {%- endmacro %}

    {% macro py_current_timestring() -%}
      {{ return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) }}
    {%- endmacro %}
    """#
}
