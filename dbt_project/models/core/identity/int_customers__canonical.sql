-- Grain: one row per customer_id of the customer system
with

customers as (select * from {{ ref('stg_crm__customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Some tools mark the record that is gone, others the one that took it in.
taken_in as (
    select
        listed.merged_customer_id,
        min(listed.customer_id) as survivor_id
    from (
        select
            customer_id,
            trim(unnest(string_split(merged_customer_ids, ';'))) as merged_customer_id
        from customers
        where merged_customer_ids is not null
    ) as listed
    where listed.merged_customer_id <> listed.customer_id
    group by 1
),

merge_marks as (
    select
        customers.customer_id,
        coalesce(customers.merged_into_customer_id, taken_in.survivor_id) as merge_mark_id
    from customers
    left join taken_in
        on taken_in.merged_customer_id = customers.customer_id
),

merge_hops_1 as (
    select
        merge_marks.customer_id,
        coalesce(target.customer_id, merge_marks.customer_id) as merge_target_id
    from merge_marks
    left join customers as target
        on target.customer_id = merge_marks.merge_mark_id
),

-- Merges form chains. Each doubling follows twice as many of them: eight hops in three joins.
{% for hops in [2, 4, 8] %}
merge_hops_{{ hops }} as (
    select
        near.customer_id,
        far.merge_target_id
    from merge_hops_{{ hops // 2 }} as near
    inner join merge_hops_{{ hops // 2 }} as far
        on far.customer_id = near.merge_target_id
),
{% endfor %}
-- Where the chain has not ended it is a circle (or too long to be meant): the record stays itself.
merges as (
    select
        merge_hops_8.customer_id,
        case
            when merge_hops_1.merge_target_id = merge_hops_8.merge_target_id
                then merge_hops_8.merge_target_id
            else merge_hops_8.customer_id
        end as merge_target_id
    from merge_hops_8
    inner join merge_hops_1
        on merge_hops_1.customer_id = merge_hops_8.merge_target_id
),

records as (
    select
        customers.customer_id,
        customers.customer_kind,
        {{ normalised('customers.email') }} as email,
        customers.signup_at,
        account.customer_id as account_id,
        merges.merge_target_id
    from customers
    inner join merges
        on merges.customer_id = customers.customer_id
    left join merges as parent
        on parent.customer_id = customers.parent_customer_id
    left join customers as account
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on account.customer_id
            = case when customers.customer_kind = 'person' then parent.merge_target_id end
        and account.customer_kind = 'account'
),

same_email as (
    select
        customer_id,
        first_value(customer_id) over (
            partition by email
            order by signup_at nulls last, customer_id
        ) as survivor_id
    from records
    where customer_kind = 'person'
        and account_id is null
        and email is not null
        and merge_target_id = customer_id
),

resolved as (
    select
        merges.customer_id,
        merges.merge_target_id,
        records.account_id,
        same_email.survivor_id,
        coalesce(records.account_id, same_email.survivor_id, merges.merge_target_id)
            as canonical_customer_id
    from merges
    inner join records
        on records.customer_id = merges.merge_target_id
    left join same_email
        on same_email.customer_id = merges.merge_target_id
),

final as (
    select
        resolved.customer_id,
        {{ pseudonym('resolved.canonical_customer_id', 'run_parameters.pseudonym_key') }}
            as customer_key,
        resolved.canonical_customer_id,
        case
            when resolved.account_id is not null then 'person_of_account'
            when resolved.survivor_id <> resolved.merge_target_id then 'same_email'
            when resolved.merge_target_id <> resolved.customer_id then 'merged_in_tool'
            else 'self'
        end as identity_rule,
        cast(
            case when resolved.survivor_id <> resolved.merge_target_id then 0.95 else 1 end
            as decimal(3, 2)
        ) as confidence
    from resolved
    cross join run_parameters
)

select * from final
