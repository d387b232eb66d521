update projections.copies set state = 'retired' where name = $1 and copy = $2
