"""The books of a county's bureau: training, leading groups, the basis library, assessments, experts, agencies, …"""

from __future__ import annotations

from collections.abc import Mapping

from budget.books.model import CHOICE, FLAG, LIST, LONG, NUMBER, Book, Field

OFFICES = frozenset({"perf_staff", "perf_chief", "section_staff", "section_chief"})
_NOTE = Field("note", "备注", "Note", LONG, shown=False)
_LOCAL = Field("local", "本地", "Local", FLAG)
_FIELDS = Field("fields", "专业领域", "Fields", LIST, needed=True)

BOOKS: Mapping[str, Book] = {
    book.name: book
    for book in (
        Book(
            "training",
            "培训登记",
            "Training",
            (
                "业务培训、政策学习：对象、批次、家数和人次",
                "Trainings and study: for whom, in how many turns, how many came",
            ),
            ("培训名称", "Training"),
            (
                Field(
                    "audience",
                    "对象",
                    "For",
                    CHOICE,
                    True,
                    {
                        "UNITS": ("预算单位", "Units"),
                        "SECTIONS": ("局内股室", "Sections"),
                        "HEADS": ("单位主要领导", "Heads of units"),
                        "GUIDED": ("一对一指导", "One unit guided"),
                    },
                ),
                Field("batches", "批次", "Turns", NUMBER, True, summed=True),
                Field("units", "单位（家）", "Units", NUMBER, summed=True),
                Field("people", "人次", "People", NUMBER, True, summed=True),
                Field("lecturer", "讲授人或机构", "Held by"),
                Field("content", "内容", "Content", LONG, shown=False),
            ),
            on=("日期", "Date"),
        ),
        Book(
            "leading_group",
            "领导小组",
            "Leading groups",
            (
                "县级和各单位的绩效管理领导小组：成员、职务、任期",
                "The county's and the units' leading groups: members, posts, terms",
            ),
            ("姓名", "Name"),
            (
                Field(
                    "part",
                    "组内职务",
                    "Part",
                    CHOICE,
                    True,
                    {
                        "HEAD": ("组长", "Head"),
                        "DEPUTY": ("副组长", "Deputy"),
                        "MEMBER": ("成员", "Member"),
                        "OFFICE": ("办公室", "Office"),
                    },
                ),
                Field("post", "行政职务", "Post", needed=True),
                Field("doc_no", "成立文号", "Document"),
                _NOTE,
            ),
            unit=("单位（县级的留空）", "Unit (empty for the county’s)"),
            on=("任职日期", "Since"),
            until=("离任日期", "Until"),
            keepers=OFFICES,
            units_keep=True,
        ),
        Book(
            "basis",
            "制度库",
            "Basis library",
            (
                "绩效管理的制度依据；规则里的值可以指明依据哪个文件",
                "The documents that performance management rests on, linked from the county's rules",
            ),
            ("文件名称", "Document"),
            (
                Field("doc_no", "文号", "Number"),
                Field("issuer", "发文机关", "Issued by", needed=True),
                Field(
                    "kind",
                    "类别",
                    "Kind",
                    CHOICE,
                    True,
                    {
                        "LAW": ("法律和上级文件", "Law, from above"),
                        "MEASURES": ("办法、细则", "Measures"),
                        "RULES": ("内部规程", "Internal rules"),
                        "PLAN": ("工作方案", "Plan of work"),
                        "NOTICE": ("通知", "Notice"),
                    },
                ),
                Field(
                    "state",
                    "状态",
                    "State",
                    CHOICE,
                    True,
                    {
                        "DRAFT": ("征求意见", "Under discussion"),
                        "IN_FORCE": ("施行", "In force"),
                        "REPEALED": ("废止", "Repealed"),
                    },
                ),
                Field("settings", "所依据的规则项", "Settings", LIST),
                Field("content", "要点", "In short", LONG, shown=False),
            ),
            on=("施行日期", "In force since"),
            until=("废止日期", "Repealed on"),
        ),
        Book(
            "unit_score",
            "单位年度考核",
            "Yearly assessment of units",
            (
                "编报质量、按期报送、公开和结果应用、台账记分；可以由系统数据生成后核定",
                "Quality of goals, punctuality, publication, application of results, points of the ledger",
            ),
            ("考核等次", "Grade"),
            (
                Field("quality", "编报质量分", "Quality", NUMBER),
                Field("punctual", "按期率（%）", "Punctual (%)", NUMBER),
                Field("evaluated", "自评平均分", "Self-evaluation", NUMBER),
                Field("points", "台账记分", "Points", NUMBER),
                Field("score", "考核得分", "Score", NUMBER, True),
                _NOTE,
            ),
            unit=("单位", "Unit"),
            needs_unit=True,
        ),
        Book(
            "section_score",
            "股室年度考核",
            "Yearly assessment of sections",
            (
                "财政局各股室的绩效工作：审核质量、时效、结果应用",
                "The sections' own work: quality and speed of reviews, application of results",
            ),
            ("股室", "Section"),
            (
                Field("review", "审核质量", "Quality", NUMBER, True),
                Field("speed", "办理时效", "Speed", NUMBER, True),
                Field("application", "结果应用", "Application", NUMBER, True),
                Field("score", "考核得分", "Score", NUMBER, True),
                Field("grade", "等次", "Grade", needed=True),
                _NOTE,
            ),
            units_read=False,
        ),
        Book(
            "expert",
            "专家库",
            "Experts",
            (
                "跨领域、跨行业的专家：资格、领域、工作单位（回避）、是否本地",
                "Experts of all fields: qualification, employer to stay away from, local or not",
            ),
            ("姓名", "Name"),
            (
                _FIELDS,
                Field("qualification", "职称或资格", "Qualification", needed=True),
                Field("employer", "工作单位", "Employer", needed=True),
                Field("account", "系统账号", "Account"),
                _LOCAL,
                _NOTE,
            ),
            unit=("须回避的单位", "Stays away from"),
            on=("入库日期", "Since"),
            until=("出库日期", "Until"),
            units_read=False,
        ),
        Book(
            "agency",
            "机构库",
            "Agencies",
            (
                "第三方机构：资质、领域、三年内有无重大违法、是否本地",
                "Third parties: qualification, fields, grave violations in three years, local or not",
            ),
            ("机构名称", "Agency"),
            (
                _FIELDS,
                Field("qualification", "资质", "Qualification", needed=True),
                Field("code", "组织代码", "Code"),
                Field("violations", "三年内有重大违法", "Grave violations", FLAG),
                _LOCAL,
                _NOTE,
            ),
            unit=("须回避的单位", "Stays away from"),
            on=("入库日期", "Since"),
            until=("出库日期", "Until"),
            units_read=False,
        ),
        Book(
            "account",
            "单独设账登记",
            "Separate accounts",
            (
                "项目资金是否专款专用、单独设账核算",
                "Whether a project's money is kept apart, in an account of its own",
            ),
            ("账套或科目", "Account"),
            (
                Field("separate", "单独设账", "Kept apart", FLAG),
                Field("keeper", "会计责任人", "Bookkeeper", needed=True),
                _NOTE,
            ),
            unit=("单位", "Unit"),
            project=("项目编码", "Project code"),
            on=("设账日期", "Since"),
            keepers=OFFICES,
            units_keep=True,
            needs_unit=True,
        ),
        Book(
            "idle_asset",
            "闲置资产登记",
            "Idle assets",
            (
                "项目形成的资产闲置的：原值、闲置原因、盘活措施",
                "Assets that projects made and nobody uses: value, why, what is done",
            ),
            ("资产名称", "Asset"),
            (
                Field("reason", "闲置原因", "Why", LONG, True),
                Field("measure", "盘活措施", "What is done", LONG),
                Field(
                    "state",
                    "状态",
                    "State",
                    CHOICE,
                    True,
                    {
                        "IDLE": ("闲置", "Idle"),
                        "USED": ("已盘活", "In use again"),
                        "SOLD": ("已处置", "Disposed of"),
                    },
                ),
            ),
            unit=("单位", "Unit"),
            project=("项目编码", "Project code"),
            on=("闲置起始", "Idle since"),
            amount=("原值（万元）", "Value"),
            keepers=OFFICES,
            units_keep=True,
            needs_unit=True,
        ),
        Book(
            "documents",
            "收到资料登记",
            "Documents received",
            (
                "资金审核、评价收到的资料份数",
                "How many documents came in for reviews of payments and evaluations",
            ),
            ("资料名称", "Documents"),
            (
                Field("copies", "份数", "Copies", NUMBER, True, summed=True),
                Field(
                    "purpose",
                    "用途",
                    "For",
                    CHOICE,
                    True,
                    {
                        "DISBURSE": ("资金审核", "Payments"),
                        "EVALUATE": ("绩效评价", "Evaluation"),
                        "OTHER": ("其他", "Other"),
                    },
                ),
                Field("receiver", "收件人", "Received by"),
            ),
            unit=("报送单位", "From"),
            project=("项目编码", "Project code"),
            on=("收到日期", "Received on"),
            keepers=OFFICES,
            units_read=False,
        ),
    )
}
