insert into projections.copies (name, copy, version, state)
select $1, coalesce(max(copy), 0) + 1, $2, 'building' from projections.copies where name = $1
returning copy
