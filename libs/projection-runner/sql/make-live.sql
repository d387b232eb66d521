update projections.copies set state = 'live' where name = $1 and copy = $2
