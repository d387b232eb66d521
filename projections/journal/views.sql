create or replace view read.journal as
select position, account, amount from entries;
comment on view read.journal is 'One row a posting, credits positive, debits negative; the postings of a position sum to zero.';

create or replace view read.accounts as
select account, balance, entries from accounts;
comment on view read.accounts is 'One row an account: the sum and the number of its postings.';
