"""Lists what a build computes again: keys in changed partitions, and what follows from them.

The lists stand in schema `ops` and only grow until a whole `dbt build` has succeeded.
"""

import duckdb

from pipelines.contracts import FACT_FEEDS, FEEDS

# Each list with its columns.
_LISTS = {
    "affected_keys": "feed varchar, key varchar",
    "affected_contacts": "contact_id varchar",
    "affected_dates": "on_date date",
    "affected_received_dates": "on_date date",
    "affected_points": (
        "problem_code varchar, street_code varchar, community varchar, point varchar"
    ),
}
AFFECTED = tuple(_LISTS)
# Columns of staging tables that name the partitions a row rests on.
PARTITIONS_OF_ROW = {"ratings": ("extract_date", "first_extract_date")}


def make_lists(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the lists where they are not there yet."""
    for table, columns in _LISTS.items():
        con.execute(f"create table if not exists ops.{table} ({columns})")


def find_affected(con: duckdb.DuckDBPyConnection) -> None:
    """Adds to the lists what the changed partitions touch; `ops.run` says where the data end."""
    _find_keys(con)
    _find_contacts(con)
    _find_fallen_due(con)
    _find_dates(con)
    _find_received_dates(con)
    _find_points(con)


def _find_keys(con: duckdb.DuckDBPyConnection) -> None:
    for feed in FACT_FEEDS:
        key = FEEDS[feed].key
        changed = f"(select extract_date from ops.changed_partitions where feed = '{feed}')"
        rests_on = PARTITIONS_OF_ROW.get(feed, ("extract_date",))
        staged = " or ".join(f"{column} in {changed}" for column in rests_on)
        con.execute(
            f"""
            insert into ops.affected_keys
            (
                select '{feed}', {key} from raw.changed_{feed}
                union
                select '{feed}', {key} from staging.stg_{feed} where {staged}
            )
            except
            select feed, key from ops.affected_keys
            """
        )


def _find_contacts(con: duckdb.DuckDBPyConnection) -> None:
    """Contacts of every affected row, as it was staged and as any extract in sight delivers it.

    Where a newest version was taken away, an older one comes back from an extract that has not
    changed, and may name another contact. A dispatch also affects the ratings that refer to it,
    whichever contact they name.
    """
    keys = "select key from ops.affected_keys where feed ="
    con.execute(
        f"""
        insert into ops.affected_contacts
        (
            {keys} 'contacts'
            union select contact_id from raw.dispatches
                where dispatch_id in ({keys} 'dispatches')
            union select contact_id from raw.ratings where rating_id in ({keys} 'ratings')
            union select contact_id from staging.stg_dispatches
                where dispatch_id in ({keys} 'dispatches')
            union select contact_id from staging.stg_ratings
                where rating_id in ({keys} 'ratings')
                or dispatch_id in ({keys} 'dispatches')
        )
        except
        select contact_id from ops.affected_contacts
        """
    )


def _find_fallen_due(con: duckdb.DuckDBPyConnection) -> None:
    """Contacts with an open dispatch whose due time the end of the data has passed since.

    Forward by the passing of time, back when extract days were taken away. They stay on the list
    until a whole build has succeeded, like all others: what a build that was cut short has told
    is looked at again, wherever the data end then.
    """
    con.execute(
        """
        insert into ops.affected_contacts
        select contact_id
        from marts.fct_dispatches
        cross join ops.run
        where
            status = 'open'
            and effective_due_at >= least(previous_as_of, as_of)
            and effective_due_at < greatest(previous_as_of, as_of)
        except
        select contact_id from ops.affected_contacts
        """
    )


def _find_dates(con: duckdb.DuckDBPyConnection) -> None:
    """Days whose figures the affected contacts' rows have counted in until now.

    The last days of the data, before and now, are among them: what is compared with the same
    elapsed days of an earlier period changes when a day passes.
    """
    affected = "where contact_id in (select contact_id from ops.affected_contacts)"
    con.execute(
        f"""
        insert into ops.affected_dates
        (
            select cast(received_at as date) from staging.stg_contacts {affected}
            union select dispatched_on from marts.fct_dispatches {affected}
            union select cast(closed_at as date) from marts.fct_dispatches {affected}
            union select followed_up_on from marts.fct_ratings {affected}
            union select cast(as_of - interval 1 day as date) from ops.run
            union select cast(as_of - interval 1 day as date) from ops.built
        )
        except
        select on_date from ops.affected_dates
        """
    )
    con.execute("delete from ops.affected_dates where on_date is null")


def _find_received_dates(con: duckdb.DuckDBPyConnection) -> None:
    """Days on which the affected rows of contacts were received, before and by any version now."""
    con.execute(
        """
        insert into ops.affected_received_dates
        (
            select cast(received_at as date) from staging.stg_contacts
                where contact_id in (select key from ops.affected_keys where feed = 'contacts')
            union
            select cast(received_at as date) from raw.contacts
                where contact_id in (select key from ops.affected_keys where feed = 'contacts')
        )
        except
        select on_date from ops.affected_received_dates
        """
    )
    con.execute("delete from ops.affected_received_dates where on_date is null")


def _find_points(con: duckdb.DuckDBPyConnection) -> None:
    """Points where affected contacts have counted until now, and those whose window has ended.

    A window that ends makes "not known yet" a "no"; taking extract days away makes it unknown
    again.
    """
    con.execute(
        """
        insert into ops.affected_points
        (
            select problem_code, street_code, coalesce(community, ''), point
            from marts.fct_appeals
            where
                point is not null
                and contact_id in (select contact_id from ops.affected_contacts)
            union
            select problem_code, street_code, coalesce(community, ''), point
            from marts.fct_point_recurrences
            cross join ops.run
            where
                window_ends_at >= least(previous_as_of, as_of)
                and window_ends_at <= greatest(previous_as_of, as_of)
        )
        except
        select problem_code, street_code, community, point from ops.affected_points
        """
    )
