-- Grain: one row per reference triple (id, e-mail, domain) of any entity
with

identifiers as (select * from {{ ref('int_customer_identifiers__unioned') }}),

customers as (select * from {{ ref('stg_crm__customers') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

free_mail_domains as (select * from {{ ref('free_mail_domains') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

triples as (
    select
        reference_key,
        customer_id,
        customer_email,
        coalesce({{ bare_domain('customer_domain') }}, {{ email_domain('customer_email') }})
            as customer_domain,
        min(bought_by) as bought_by
    from identifiers
    group by 1, 2, 3, 4
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

on_record as (
    select
        triples.*,
        coalesce(canonical.customer_key, emails.customer_key, domains.customer_key) as customer_key,
        case
            when canonical.customer_key is not null then 'external_id'
            when emails.customer_key is not null then 'email'
            when domains.customer_key is not null then 'domain'
        end as identity_rule
    from triples
    left join canonical
        on canonical.customer_id = triples.customer_id
    left join emails
        on emails.email = triples.customer_email
    left join domains
        on domains.email_domain = triples.customer_domain
),

known_emails as (
    select distinct {{ normalised('email') }} as email
    from customers
    where email is not null
),

customer_counts as (select count(*) as customer_count from customers),

-- Whom no record knows is a customer by an id, and by an e-mail that bought something. A stranger
-- who writes a ticket is none, but where nobody exports customers at all it is all there is.
named as (
    select
        on_record.*,
        case when on_record.customer_key is null then on_record.customer_id end as inferred_id,
        case
            when on_record.customer_key is null
                and on_record.customer_id is null
                and known_emails.email is null
                and (on_record.bought_by is not null or customer_counts.customer_count = 0)
                then on_record.customer_email
        end as inferred_email
    from on_record
    cross join customer_counts
    left join known_emails
        on known_emails.email = on_record.customer_email
),

-- An e-mail alone is whose id it came with, where that is one id.
inferred_emails as (
    select
        customer_email,
        case when min(inferred_id) = max(inferred_id) then max(inferred_id) end as inferred_id,
        max(inferred_email) as inferred_email
    from named
    where customer_email is not null
        and (inferred_id is not null or inferred_email is not null)
    group by 1
),

inferred as (
    select
        named.*,
        coalesce(
            named.inferred_id,
            case
                when named.customer_key is null then coalesce(
                    inferred_emails.inferred_id, inferred_emails.inferred_email
                )
            end
        ) as inferred_name
    from named
    left join inferred_emails
        on inferred_emails.customer_email = named.customer_email
),

-- The pseudonym of an id is that of the record to come, so that the customer stays the same one.
final as (
    select
        inferred.reference_key,
        coalesce(
            inferred.customer_key,
            case
                when inferred.inferred_name is not null then
                    {{ pseudonym('inferred.inferred_name', 'run_parameters.pseudonym_key') }}
            end,
            'unknown'
        ) as customer_key,
        case
            when inferred.customer_key is not null then inferred.identity_rule
            when inferred.inferred_id is not null then 'inferred_from_id'
            when inferred.inferred_name is not null then 'inferred_from_email'
            else 'none'
        end as identity_rule,
        cast(
            case
                when inferred.customer_key is null and inferred.inferred_name is null then 0
                when inferred.identity_rule = 'domain' then 0.7
                when inferred.identity_rule = 'external_id' or inferred.inferred_id is not null
                    then 1
                else 0.95
            end as decimal(3, 2)
        ) as confidence,
        inferred.bought_by
    from inferred
    cross join run_parameters
)

select * from final
