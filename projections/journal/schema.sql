create table entries (
  position bigint not null,
  amount bigint not null,
  account text collate "C" not null
-- Only ever added to: the sooner new pages are summed up, the fewer the indexes below cannot rule out.
) with (autovacuum_vacuum_insert_scale_factor = 0.02);
create index entries_by_position on entries using brin (position);
-- A b-tree would make each entry several times as dear to write and be larger than the table.
create index entries_by_account on entries using brin (account text_bloom_ops);

create table accounts (
  entries bigint not null,
  account text collate "C" primary key,
  balance numeric not null
) with (fillfactor = 50);
