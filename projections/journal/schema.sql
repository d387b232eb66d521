create table entries (
  position bigint not null,
  amount bigint not null,
  account text collate "C" not null
);
create index entries_by_position on entries using brin (position);

create table accounts (
  entries bigint not null,
  account text collate "C" primary key,
  balance numeric not null
) with (fillfactor = 50);
