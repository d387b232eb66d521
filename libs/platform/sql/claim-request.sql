-- A request under the same key that has not ended yet is waited for: the unique index sees to it.
insert into platform.keyed_requests (principal, scope, key, body_hash, reply)
values ($1, $2, $3, $4, '')
on conflict do nothing
returning true as claimed
