extension BuiltinMacros {
  /// Dates and times. SQLite keeps them as texts (ISO 8601 with a blank); its date functions are described at
  /// sqlite.org/lang_datefunc.html.
  static let dateMacros = #"""
    {% macro current_timestamp() -%}
      {{ adapter.dispatch('current_timestamp', 'dbt')() }}
    {%- endmacro %}

    {% macro default__current_timestamp() -%}
      current_timestamp
    {%- endmacro %}

    {% macro current_timestamp_backcompat() -%}
      {{ return(adapter.dispatch('current_timestamp_backcompat', 'dbt')()) }}
    {%- endmacro %}

    {% macro default__current_timestamp_backcompat() -%}
      {{ return(current_timestamp()) }}
    {%- endmacro %}

    {% macro current_timestamp_in_utc_backcompat() -%}
      {{ return(adapter.dispatch('current_timestamp_in_utc_backcompat', 'dbt')()) }}
    {%- endmacro %}

    {% macro default__current_timestamp_in_utc_backcompat() -%}
      {{ return(current_timestamp_backcompat()) }}
    {%- endmacro %}

    {% macro date(year, month, day) -%}
      {{ return(adapter.dispatch('date', 'dbt')(year, month, day)) }}
    {%- endmacro %}

    {% macro default__date(year, month, day) -%}
      '{{ modules.datetime.date(year | int, month | int, day | int).isoformat() }}'
    {%- endmacro %}

    {% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
      {{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}
    {%- endmacro %}

    {# A date stays a date, a time a time; hours added to a date make it a time. Months and years end on the last day of the
       month where the day does not exist, as in other engines: SQLite itself would carry it over into the next month. #}
    {% macro default__dateadd(datepart, interval, from_date_or_timestamp) -%}
      {%- set part = datepart | string | lower | trim | replace("'", '') -%}
      {%- set base = from_date_or_timestamp -%}
      {%- if part in ['month', 'quarter', 'year'] -%}
        {%- set months = '(' ~ interval ~ ')' ~ ({'quarter': ' * 3', 'year': ' * 12'}.get(part, '')) -%}
        iif(length({{ base }}) = 10,
          min(
            date({{ base }}, ({{ months }}) || ' month'),
            date({{ base }}, 'start of month', ({{ months }} + 1) || ' month', '-1 day')
          ),
          min(
            datetime({{ base }}, ({{ months }}) || ' month'),
            date({{ base }}, 'start of month', ({{ months }} + 1) || ' month', '-1 day') || ' ' || time({{ base }})
          )
        )
      {%- elif part in ['day', 'week'] -%}
        {%- set days = '(' ~ interval ~ ')' ~ (' * 7' if part == 'week' else '') -%}
        iif(length({{ base }}) = 10, date({{ base }}, ({{ days }}) || ' day'), datetime({{ base }}, ({{ days }}) || ' day'))
      {%- elif part in ['hour', 'minute', 'second'] -%}
        datetime({{ base }}, ({{ interval }}) || ' {{ part }}')
      {%- elif part in ['millisecond', 'microsecond'] -%}
        strftime('%Y-%m-%d %H:%M:%f', {{ base }}, (({{ interval }}) / {{ '1000.0' if part == 'millisecond' else '1000000.0' }}) || ' second')
      {%- else -%}
        {% do exceptions.raise_compiler_error("dateadd knows no date part '" ~ datepart ~ "'") %}
      {%- endif -%}
    {%- endmacro %}

    {% macro datediff(first_date, second_date, datepart) -%}
      {{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}
    {%- endmacro %}

    {# The number of boundaries between the two: from 23:59 to 00:01 is one day. #}
    {% macro default__datediff(first_date, second_date, datepart) -%}
      {%- set part = datepart | string | lower | trim | replace("'", '') -%}
      {%- if part == 'year' -%}
        (strftime('%Y', {{ second_date }}) - strftime('%Y', {{ first_date }}))
      {%- elif part == 'quarter' -%}
        ((strftime('%Y', {{ second_date }}) * 4 + (strftime('%m', {{ second_date }}) - 1) / 3)
          - (strftime('%Y', {{ first_date }}) * 4 + (strftime('%m', {{ first_date }}) - 1) / 3))
      {%- elif part == 'month' -%}
        ((strftime('%Y', {{ second_date }}) - strftime('%Y', {{ first_date }})) * 12
          + (strftime('%m', {{ second_date }}) - strftime('%m', {{ first_date }})))
      {%- elif part == 'week' -%}
        (cast(julianday(date({{ second_date }})) + 1.5 as integer) / 7 - cast(julianday(date({{ first_date }})) + 1.5 as integer) / 7)
      {%- elif part == 'day' -%}
        cast(julianday(date({{ second_date }})) - julianday(date({{ first_date }})) as integer)
      {%- elif part == 'hour' -%}
        ((strftime('%s', strftime('%Y-%m-%d %H:00:00', {{ second_date }}))
          - strftime('%s', strftime('%Y-%m-%d %H:00:00', {{ first_date }}))) / 3600)
      {%- elif part == 'minute' -%}
        ((strftime('%s', strftime('%Y-%m-%d %H:%M:00', {{ second_date }}))
          - strftime('%s', strftime('%Y-%m-%d %H:%M:00', {{ first_date }}))) / 60)
      {%- elif part == 'second' -%}
        (strftime('%s', {{ second_date }}) - strftime('%s', {{ first_date }}))
      {%- elif part in ['millisecond', 'microsecond'] -%}
        cast(round((julianday({{ second_date }}) - julianday({{ first_date }})) * 86400000.0)
          {{- ' * 1000' if part == 'microsecond' }} as integer)
      {%- else -%}
        {% do exceptions.raise_compiler_error("datediff knows no date part '" ~ datepart ~ "'") %}
      {%- endif -%}
    {%- endmacro %}

    {% macro date_trunc(datepart, date) -%}
      {{ return(adapter.dispatch('date_trunc', 'dbt')(datepart, date)) }}
    {%- endmacro %}

    {% macro default__date_trunc(datepart, date) -%}
      {%- set part = datepart | string | lower | trim | replace("'", '') -%}
      {%- if part == 'year' -%}
        strftime('%Y-01-01 00:00:00', {{ date }})
      {%- elif part == 'quarter' -%}
        datetime({{ date }}, 'start of month', '-' || ((strftime('%m', {{ date }}) - 1) % 3) || ' month')
      {%- elif part == 'month' -%}
        strftime('%Y-%m-01 00:00:00', {{ date }})
      {%- elif part in ['week', 'isoweek'] -%}
        datetime({{ date }}, 'start of day', '-6 days', 'weekday 1')
      {%- elif part == 'day' -%}
        strftime('%Y-%m-%d 00:00:00', {{ date }})
      {%- elif part == 'hour' -%}
        strftime('%Y-%m-%d %H:00:00', {{ date }})
      {%- elif part == 'minute' -%}
        strftime('%Y-%m-%d %H:%M:00', {{ date }})
      {%- elif part == 'second' -%}
        strftime('%Y-%m-%d %H:%M:%S', {{ date }})
      {%- else -%}
        {% do exceptions.raise_compiler_error("date_trunc knows no date part '" ~ datepart ~ "'") %}
      {%- endif -%}
    {%- endmacro %}

    {% macro last_day(date, datepart) -%}
      {{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}
    {%- endmacro %}


    {% macro default__last_day(date, datepart) -%}
      {%- set part = datepart | string | lower | trim | replace("'", '') -%}
      {%- if part == 'month' -%}
        date({{ date }}, 'start of month', '+1 month', '-1 day')
      {%- elif part == 'quarter' -%}
        date({{ date }}, 'start of month', '-' || ((strftime('%m', {{ date }}) - 1) % 3) || ' month', '+3 month', '-1 day')
      {%- elif part == 'year' -%}
        strftime('%Y-12-31', {{ date }})
      {%- elif part in ['week', 'isoweek'] -%}
        date({{ date }}, 'start of day', '-6 days', 'weekday 1', '+6 days')
      {%- else -%}
        {% do exceptions.raise_compiler_error("last_day knows no date part '" ~ datepart ~ "'") %}
      {%- endif -%}
    {%- endmacro %}
    """#
}
