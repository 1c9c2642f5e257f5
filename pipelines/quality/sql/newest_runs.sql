-- Results of the newest runs of each gate, newest first; what failed comes first in its table.
with runs as (
    select
        run_id,
        row_number() over (partition by gate order by max(ran_at) desc, run_id desc) as age
    from quality.validations
    group by gate, run_id
)

select validations.*
from quality.validations as validations
inner join runs on validations.run_id = runs.run_id
where runs.age <= $kept
order by
    validations.ran_at desc, validations.run_id, validations.table_name, validations.is_passed,
    validations.check_id
