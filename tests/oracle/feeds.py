"""What an extract may look like: columns, words, headers. Written out again, not imported."""

from __future__ import annotations

from dataclasses import dataclass, field

NULL_WORDS = frozenset({"", "\\N", "NULL", "null", "无", "/", "-"})

WORDS: dict[str, dict[str, str]] = {
    "flag": {"true": "true", "1": "true", "是": "true", "false": "false", "0": "false",
             "否": "false"},
    # Partly solved counts as not solved.
    "is_resolved": {"true": "true", "1": "true", "是": "true", "false": "false", "0": "false",
                    "否": "false", "部分解决": "false"},
    "is_part_resolved": {"true": "true", "1": "true", "部分解决": "true", "false": "false",
                         "0": "false", "是": "false", "否": "false"},
    "order_type": {"appeal": "appeal", "诉求": "appeal", "consultation": "consultation",
                   "咨询": "consultation", "praise": "praise", "表扬": "praise",
                   "other": "other", "其他": "other"},
    "exclusion": {"none": "none", "空": "none", "excluded": "excluded", "剔除": "excluded",
                  "suspended": "suspended", "挂账": "suspended"},
    "role": {"lead": "lead", "主办": "lead", "assist": "assist", "协办": "assist"},
    "route": {"direct": "direct", "直派": "direct", "via_district": "via_district",
              "区转": "via_district", "whistle": "whistle", "吹哨": "whistle"},
    "status": {"open": "open", "办理中": "open", "closed": "closed", "已办结": "closed",
               "returned": "returned", "已退回": "returned"},
    "satisfaction": {"satisfied": "satisfied", "满意": "satisfied",
                     "basically_satisfied": "basically_satisfied",
                     "基本满意": "basically_satisfied",
                     "dissatisfied": "dissatisfied", "不满意": "dissatisfied"},
    "assessment_scope": {"full": "full", "三率全考核": "full", "response_only": "response_only",
                         "只评价响应率": "response_only", "none": "none", "不考核": "none"},
    "kind": {"task": "task", "任务": "task", "policy": "policy", "政策": "policy"},
}  # fmt: skip

# Words for a caller who is not named: nobody, and not one caller with many contacts.
NAMELESS = frozenset(
    {"保密", "匿名", "未知", "不详", "不明", "未显示", "隐藏", "隐藏号码", "无号码", "未留电话",
     "不愿透露", "0", "00000000000"}
)  # fmt: skip

CHANNEL_WORDS = {"电话": "phone", "网站": "web", "移动客户端": "app", "微信": "wechat"}

DEFAULTS = {
    "exclusion": "none",
    "role": "lead",
    "route": "direct",
    "assessment_scope": "full",
    "is_hard_case": False,
}


@dataclass(frozen=True)
class Feed:
    """Columns with their kind, the required ones, the key and the Chinese headers."""

    name: str
    key: tuple[str, ...]
    kinds: dict[str, str]
    required: frozenset[str]
    aliases: dict[str, str] = field(default_factory=dict)
    # Chinese headers that say something of a second column as well.
    also: dict[str, str] = field(default_factory=dict)
    is_snapshot: bool = False


def _kind(column: str) -> str:
    if column in WORDS:
        return column
    if column.endswith("_at"):
        return "time"
    if column.endswith("_on"):
        return "date"
    if column.startswith("is_"):
        return "flag"
    if column in {"sequence_no", "year"}:
        return "integer"
    return {"channel_code": "channel", "caller_id": "caller"}.get(column, "text")


def _feed(name: str, key: str, headers: str, required: str, is_snapshot: bool = False) -> Feed:
    pairs = [word.partition("=") for word in headers.split()]
    firsts = {alias: column for column, _, alias in reversed(pairs) if alias}
    return Feed(
        name=name,
        key=tuple(key.split()),
        kinds={column: _kind(column) for column, _, _ in pairs},
        required=frozenset(required.split()),
        aliases=firsts,
        also={alias: column for column, _, alias in pairs if alias and firsts[alias] != column},
        is_snapshot=is_snapshot,
    )


FEEDS: dict[str, Feed] = {
    feed.name: feed
    for feed in (
        _feed(
            "contacts",
            "contact_id",
            "contact_id=工单编号 received_at=来电时间 order_type=工单类型 channel_code=工单来源"
            " caller_id=来电号码 problem_code=问题分类编码 district_code=区编码"
            " street_code=街乡镇编码 community=社区村 point=小区点位 title=标题"
            " content=主要内容 exclusion=剔挂标签 updated_at=更新时间",
            "contact_id received_at order_type updated_at",
        ),
        _feed(
            "dispatches",
            "dispatch_id",
            "dispatch_id=派单编号 contact_id=工单编号 sequence_no=派单序号"
            " unit_code=承办单位编码 role=工单性质 route=派单类型 dispatched_at=派单时间"
            " accepted_at=签收时间 due_at=截止时间 closed_at=办结时间 status=办理状态"
            " return_reason=退回原因 is_hard_case=是否疑难 updated_at=更新时间",
            "dispatch_id contact_id unit_code dispatched_at status updated_at",
        ),
        _feed(
            "ratings",
            "rating_id",
            "rating_id=回访编号 dispatch_id=派单编号 contact_id=工单编号"
            " followed_up_at=回访时间 is_reached=是否有效回访 is_responded=是否联系"
            " is_resolved=是否解决 is_part_resolved=是否解决"
            " satisfaction=是否满意 assessment_scope=考核类型"
            " exclusion=剔挂标签 updated_at=更新时间",
            "rating_id dispatch_id contact_id followed_up_at is_reached updated_at",
        ),
        _feed(
            "topics",
            "topic_id",
            "topic_id year theme topic_name lead_unit_code starts_on ends_on",
            "topic_id year topic_name starts_on",
            is_snapshot=True,
        ),
        _feed(
            "topic_problems",
            "topic_id problem_code",
            "topic_id problem_code",
            "topic_id problem_code",
            is_snapshot=True,
        ),
        _feed(
            "topic_tasks",
            "task_id",
            "task_id topic_id unit_code title kind due_on completed_on",
            "task_id topic_id title kind",
            is_snapshot=True,
        ),
    )
}
