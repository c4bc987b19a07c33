-- Grain: one row per reference triple (id, e-mail, domain) of any entity
with

identifiers as (select * from {{ ref('int_customer_identifiers__unioned') }}),

customers as (select * from {{ ref('stg_crm__customers') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

free_mail_domains as (select * from {{ ref('free_mail_domains') }}),

triples as (
    select distinct
        reference_key,
        customer_id,
        customer_email,
        coalesce({{ bare_domain('customer_domain') }}, {{ email_domain('customer_email') }})
            as customer_domain
    from identifiers
),

-- An address or a domain that two customers share identifies neither, so it matches nobody.
emails as (
    select
        {{ normalised('customers.email') }} as email,
        max(canonical.customer_key) as customer_key
    from customers
    inner join canonical
        on canonical.customer_id = customers.customer_id
    where {{ normalised('customers.email') }} is not null
    group by 1
    having min(canonical.customer_key) = max(canonical.customer_key)
),

account_domains as (
    select
        coalesce({{ bare_domain('customers.domain') }}, {{ email_domain('customers.email') }})
            as email_domain,
        canonical.customer_key
    from customers
    inner join canonical
        on canonical.customer_id = customers.customer_id
    where customers.customer_kind = 'account'
),

domains as (
    select
        account_domains.email_domain,
        max(account_domains.customer_key) as customer_key
    from account_domains
    left join free_mail_domains
        on free_mail_domains.email_domain = account_domains.email_domain
    where free_mail_domains.email_domain is null
    group by 1
    having min(account_domains.customer_key) = max(account_domains.customer_key)
),

final as (
    select
        triples.reference_key,
        coalesce(canonical.customer_key, emails.customer_key, domains.customer_key, 'unknown')
            as customer_key,
        case
            when canonical.customer_key is not null then 'external_id'
            when emails.customer_key is not null then 'email'
            when domains.customer_key is not null then 'domain'
            else 'none'
        end as identity_rule,
        cast(
            case
                when canonical.customer_key is not null then 1
                when emails.customer_key is not null then 0.95
                when domains.customer_key is not null then 0.7
                else 0
            end as decimal(3, 2)
        ) as confidence
    from triples
    left join canonical
        on canonical.customer_id = triples.customer_id
    left join emails
        on emails.email = triples.customer_email
    left join domains
        on domains.email_domain = triples.customer_domain
)

select * from final
