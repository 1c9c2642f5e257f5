delete from quality.validations
where
    gate = $gate
    and run_id not in (
        select runs.run_id
        from (
            select run_id, max(ran_at) as ran_at
            from quality.validations
            where gate = $gate
            group by run_id
            order by ran_at desc, run_id desc
            limit $kept
        ) as runs
    )
    and (run_id, check_id) not in (
        select arg_max(run_id, ran_at), check_id
        from quality.validations
        where gate = $gate and is_passed
        group by check_id
    )
