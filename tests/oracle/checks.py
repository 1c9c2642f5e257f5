"""Which tables are compared, by which key, and how each column is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """How one table is compared: its key, and its columns by kind of comparison."""

    table: str
    key: str
    exact: str = ""
    text: str = ""
    ratio: str = ""
    # Rows where all these are 0 may be missing on either side: no definition asks for them.
    may_lack_zero: str = ""
    # Published and on purpose not compared.
    left_out: str = ""

    def kinds(self) -> dict[str, str]:
        """Each compared column with its kind."""
        pairs = (("exact", self.exact), ("text", self.text), ("ratio", self.ratio))
        return {column: kind for kind, columns in pairs for column in columns.split()}


RATES = "response_rate resolution_rate satisfaction_rate"
REASONS = "part_resolved unreachable out_of_scope response_only excluded"
AT_CLOSE = "valid responded valid_full resolved satisfied basically_satisfied"
COUNTS = "followups valid_followups responded valid_full resolved satisfied basically_satisfied"
EVIDENCE = "volume streets districts units callers"
EVIDENCE_RATIOS = "effective_streets growth resolution_rate repeat_caller_share several_units_share"

CHECKS = {
    check.table: check
    for check in (
        Check(
            "quality.loads",
            "feed extract_date",
            "lines_read accepted quarantined duplicates blank_lines",
            "source_file",
            left_out="source_format source_sha256 source_bytes encoding contract_version delivery"
            " notes load_id loaded_at",
        ),
        Check(
            "quality.rejects",
            "feed extract_date source_line",
            left_out="source_file column_name reason",
        ),
        Check(
            "marts.fct_appeals",
            "contact_id",
            "received_at received_on is_in_volume dispatch_count first_dispatched_at closed_at"
            " last_followed_up_at is_resolved return_count first_followed_up_at",
            "period channel_code problem_code district_code street_code community exclusion"
            " first_unit_code final_unit_code status last_rating_id satisfaction"
            " reported_district_code reported_street_code point owner_level quality_flags",
            "hours_to_first_dispatch hours_to_close hours_to_follow_up",
            left_out="caller_key title",
        ),
        Check(
            "marts.rpt_intake_daily",
            "received_on order_type channel_code district_code",
            "contacts excluded_contacts suspended_contacts distinct_callers",
        ),
        Check(
            "marts.rpt_callers",
            "bucket bucket_code",
            "contacts appeals contacts_with_caller distinct_callers appeal_callers repeat_callers",
        ),
        Check(
            "marts.fct_point_recurrences",
            "contact_id",
            "closed_at window_ends_at is_window_over recurred_at is_recurring",
            "problem_code district_code street_code community point recurred_contact_id",
        ),
        Check(
            "marts.dim_places",
            "street_code",
            "is_mapped is_current",
            "street_name district_code district_name current_street_code",
            left_out="street_type",
        ),
        Check(
            "marts.fct_dispatches",
            "dispatch_id",
            "sequence_no dispatched_at dispatched_on accepted_at due_at closed_at is_hard_case"
            " is_overdue is_final_owner dispatch_no policy_due_at effective_due_at has_reported",
            "contact_id unit_code unit_type role route period status problem_code district_code"
            " street_code exclusion next_dispatch_id final_unit_code urgency quality_flags"
            " closing_period",
            "hours_to_accept handling_hours working_hours_to_accept handling_working_hours",
            left_out="return_reason",
        ),
        Check(
            "marts.rpt_unit_workload_monthly",
            "period unit_code",
            "received closed open returned overdue known_overdue hard_cases lead assist"
            " closed_by_end open_at_end backlog_at_start closed_in_period backlog_at_end"
            " whistle_calls whistles_reported inhabitants",
            "",
            "median_handling_hours median_handling_working_hours overdue_share received_per_10k",
        ),
        Check(
            "marts.fct_whistles",
            "contact_id",
            "first_whistled_at called_units reported_units absent_units undecided_units",
            "period whistling_unit_code reported_unit_codes absent_unit_codes",
        ),
        Check(
            "marts.dim_units",
            "unit_code",
            "valid_from valid_to is_current is_mapped merged_on",
            "unit_name unit_type district_code change current_unit_code",
        ),
        Check(
            "marts.dim_unit_versions",
            "unit_code valid_from",
            "valid_to is_current is_mapped merged_on",
            "unit_name unit_type district_code change current_unit_code",
        ),
        Check(
            "marts.fct_ratings",
            "rating_id",
            "followed_up_at followed_up_on is_reached is_responded is_resolved"
            " is_part_resolved is_valid is_valid_full delivered_on is_late is_valid_at_close",
            "dispatch_id contact_id unit_code unit_type period satisfaction assessment_scope"
            " exclusion appeal_exclusion problem_code district_code street_code quality_flags",
            "satisfaction_points",
        ),
        Check(
            "marts.rpt_unit_performance_monthly",
            "period unit_code",
            f"handled_volume {COUNTS} {REASONS} rank previous_rank rank_change is_provisional",
            "unit_type",
            f"{RATES} satisfaction_points composite",
        ),
        Check(
            "marts.rpt_city_performance_monthly",
            "period",
            f"contacts appeals consultations praise other handled_volume {COUNTS} {REASONS}"
            " is_provisional",
            "",
            f"{RATES} satisfaction_points appeal_share",
        ),
        Check(
            "marts.rpt_group_performance_monthly",
            "period group_kind group_code",
            f"{COUNTS} {REASONS}",
            "",
            f"{RATES} satisfaction_points",
        ),
        Check(
            "marts.rpt_settlement_monthly",
            "period unit_code",
            f"{' '.join(f'{name}_at_close' for name in AT_CLOSE.split())}"
            f" {COUNTS.removeprefix('followups ')} late_followups late_exclusions is_provisional",
            "",
            " ".join(f"{rate} {rate}_at_close {rate}_change" for rate in RATES.split())
            + " satisfaction_points satisfaction_points_at_close",
        ),
        Check(
            "marts.rpt_unit_profiles_monthly",
            "period unit_code problem_code",
            "received returned overdue known_overdue position periods_seen is_new",
            "first_period",
            "share overdue_share",
        ),
        Check(
            "marts.fct_problem_monthly",
            "period problem_code",
            f"{EVIDENCE} volume_same_days_before previous_volume valid_full resolved",
            "",
            EVIDENCE_RATIOS,
        ),
        Check(
            "marts.fct_topic_rankings",
            "period problem_code",
            f"rank {EVIDENCE} periods_in_top best_rank worst_rank pareto_tier",
            "",
            f"score share {EVIDENCE_RATIOS}",
            left_out="issue_no raw_fingerprint data_through is_latest_issue",
        ),
        Check(
            "marts.rpt_topic_effect_monthly",
            "period topic_id",
            "volume previous_volume volume_same_days_before is_after_start"
            f" {COUNTS.removeprefix('followups ')}",
            "",
            f"{RATES} satisfaction_points change_rate",
        ),
        Check(
            "marts.rpt_topic_tasks",
            "topic_id",
            "tasks policies completed_tasks completed_policies overdue",
            may_lack_zero="tasks policies",
        ),
        Check(
            "marts.dim_periods",
            "period",
            "starts_on ends_before last_on days start_day is_complete is_provisional",
            "previous_period",
        ),
    )
}
