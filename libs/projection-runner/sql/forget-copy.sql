delete from projections.copies where name = $1 and copy = $2
