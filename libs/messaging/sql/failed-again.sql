-- Of long histories the first and the newest tries are kept.
update messaging.parked
set
  reason = $2,
  tries_of_round = tries_of_round + 1,
  tries = (
    select coalesce(json_agg(each order by place), '[]')
    from (
      select each, place from json_array_elements(tries) with ordinality as known (each, place)
      where place = 1 or place > json_array_length(tries) - $4
      union all
      select $3::json, json_array_length(tries) + 1
    ) as kept
  )
where number = $1
