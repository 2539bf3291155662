"""Reports as tests write them: what a page says, and what the ledger is given of it."""

from __future__ import annotations

from typing import Any

from crawlers.models import Extract
from worker.identity import facts
from worker.ledger.reports import Reading
from worker.process import print_of

BODY = "\n".join(
    (
        "一年来，全市司法行政系统坚持依法行政，各项工作取得新的进展。现将有关情况报告如下。",
        "一、主要工作。全年共办理行政复议案件128件，审结121件，纠错率为1.5%，群众满意度持续提高。",
        "二、存在问题。个别单位执法文书不够规范，基层力量仍然薄弱，宣传方式较为单一。",
        "三、下一步打算。继续推进执法监督，组织培训12期，覆盖全部执法人员，年底前完成整改。",
    )
)
FURTHER = "四、附带说明。本报告所列数据截至年底，来源于各区县报表，口径与上年一致，如有调整以公报为准。"


def paper(title: str = "某市司法局年度工作情况", body: str = BODY, **said: Any) -> Extract:
    """What a page says."""
    return Extract(**{"title": title, "body": body, "extractor": "test 1", **said})


def reading(portal: str, key: str, said: Extract, **more: Any) -> Reading:
    """That page as it was read; `more` are fields of Reading."""
    mark = print_of(said)
    given: dict[str, Any] = {
        "portal": portal,
        "key": key,
        "url": f"https://{portal}.example/{key}",
        "extract": said,
        "facts": facts(said, mark),
        "content_hash": mark.content_hash,
        "raw": ({"key": "0" * 64, "fetched_at": 1_700_000_000.0},),
        "raw_sha256": "0" * 64,
    }
    return Reading.model_validate({**given, **more})
