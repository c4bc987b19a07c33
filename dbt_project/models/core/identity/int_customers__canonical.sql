-- Grain: one row per customer_id of the customer system
with

customers as (select * from {{ ref('stg_crm__customers') }}),

merged as (select * from {{ ref('int_customers__merge_groups') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

owned as (
    select
        customers.customer_id,
        customers.customer_kind,
        {{ normalised('customers.email') }} as email,
        customers.signup_at,
        account.customer_id as account_id,
        merged.end_id
    from customers
    inner join merged
        on merged.customer_id = customers.customer_id
    left join merged as parent
        on parent.customer_id = customers.parent_customer_id
    left join customers as account
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on account.customer_id = case when customers.customer_kind = 'person' then parent.end_id end
        and account.customer_kind = 'account'
),

same_email as (
    select
        customer_id,
        first_value(customer_id) over (
            partition by email
            order by signup_at nulls last, customer_id
        ) as survivor_id
    from owned
    where customer_kind = 'person'
        and account_id is null
        and email is not null
        and end_id = customer_id
),

resolved as (
    select
        merged.customer_id,
        merged.end_id,
        owned.account_id,
        same_email.survivor_id,
        coalesce(owned.account_id, same_email.survivor_id, merged.end_id) as canonical_customer_id
    from merged
    inner join owned
        on owned.customer_id = merged.end_id
    left join same_email
        on same_email.customer_id = merged.end_id
),

final as (
    select
        resolved.customer_id,
        {{ pseudonym('resolved.canonical_customer_id', 'run_parameters.pseudonym_key') }}
            as customer_key,
        resolved.canonical_customer_id,
        case
            when resolved.account_id is not null then 'person_of_account'
            when resolved.survivor_id <> resolved.end_id then 'same_email'
            when resolved.end_id <> resolved.customer_id then 'merged_in_tool'
            else 'self'
        end as identity_rule,
        cast(
            case when resolved.survivor_id <> resolved.end_id then 0.95 else 1 end as decimal(3, 2)
        ) as confidence
    from resolved
    cross join run_parameters
)

select * from final
