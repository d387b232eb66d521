select copy from projections.copies where name = $1 and state in ('building', 'retired') order by copy
