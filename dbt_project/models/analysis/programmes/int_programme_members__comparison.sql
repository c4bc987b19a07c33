-- Grain: one row per programme and group of customers compared: member, control, non_member
{%- set counts = ['customer_month', 'lost', 'unknown_contribution', 'referral', 'nps_answer',
    'promoter', 'detractor'] %}
{%- set amounts = ['net_revenue', 'contribution'] %}
with

measured as (select * from {{ ref('int_programme_members__outcomes') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

enrolments as (select * from {{ ref('int_enrolments__by_local_date') }}),

-- As the month begins: who joins during it had to stay that long first, which is no effect.
enrolled as (
    select
        enrolments.programme_id,
        enrolments.customer_key,
        measured.month_date,
        max(case when enrolments.arm = 'treated' then 'member' else 'control' end) as member_group
    from enrolments
    inner join measured
        on measured.customer_key = enrolments.customer_key
        and measured.month_date >= enrolments.enrolled_date
        and measured.month_date < enrolments.left_date
    group by 1, 2, 3
),

by_month as (
    select
        month_date
        {%- for column in counts %},
        sum({{ column }}_count) as {{ column }}_count
        {%- endfor %}
        {%- for column in amounts %},
        {{ money('sum(' ~ column ~ '_amount)') }} as {{ column }}_amount
        {%- endfor %}
    from measured
    group by 1
),

-- The rest is everybody less the enrolled: no row for each programme, customer and month.
signed as (
    select
        programmes.programme_id,
        enrolled.member_group,
        measured.month_date
        {%- for column in counts %},
        measured.{{ column }}_count
        {%- endfor %}
        {%- for column in amounts %},
        measured.{{ column }}_amount
        {%- endfor %}
    from enrolled
    inner join programmes
        on programmes.programme_id = enrolled.programme_id
        and programmes.start_date <= enrolled.month_date
        and coalesce(programmes.end_date > enrolled.month_date, true)
    inner join measured
        on measured.customer_key = enrolled.customer_key
        and measured.month_date = enrolled.month_date

    union all

    select
        programmes.programme_id,
        'everybody' as member_group,
        by_month.*
    from programmes
    inner join by_month
        on programmes.start_date <= by_month.month_date
        and coalesce(programmes.end_date > by_month.month_date, true)
),

groups as (
    select 'member' as member_group
    union all
    select 'control' as member_group
    union all
    select 'non_member' as member_group
),

final as (
    select
        signed.programme_id,
        groups.member_group,
        min(signed.month_date) as first_month_date,
        max(signed.month_date) as last_month_date
        {%- for column in counts %},
        cast(sum({{ column }}_count * case
            when signed.member_group in (groups.member_group, 'everybody') then 1 else -1
        end) as bigint) as {{ column }}_count
        {%- endfor %}
        {%- for column in amounts %},
        {{ money('sum(' ~ column ~ "_amount * case when signed.member_group in"
            ~ " (groups.member_group, 'everybody') then 1 else -1 end)") }} as {{ column }}_amount
        {%- endfor %}
    from signed
    inner join groups
        on signed.member_group = groups.member_group
        or groups.member_group = 'non_member'
    group by 1, 2
)

select * from final
