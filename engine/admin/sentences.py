"""The sentences of administration: code, Chinese, English."""

from __future__ import annotations

_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("admin.right.accounts", "这要由系统管理员办理", "This is for the system administrator"),
    ("admin.right.grants", "这要由安全管理员办理", "This is for the security administrator"),
    ("admin.right.settings", "这项设置由系统管理员修改", "The system administrator changes this setting"),
    ("admin.right.security", "这项设置由安全管理员修改", "The security administrator changes this setting"),
    ("admin.right.logs", "日志只给审计管理员看", "The logs are for the audit administrator"),
    (
        "admin.oneself",
        "不能对自己的账号这样做，请由另一位管理员办理",
        "Nobody does this to their own account; ask another administrator",
    ),
    (
        "admin.own_posts",
        "不能给自己加减岗位，请由另一位管理员办理",
        "Nobody gives or takes their own posts; ask another administrator",
    ),
    (
        "org.same",
        "“{org}”不能并入它自己，或者已经并入那里",
        "“{org}” can't become part of itself, or is part of it already",
    ),
    ("org.over", "“{org}”已经撤销，不能并入", "“{org}” is over; nothing can become part of it"),
    (
        "org.no_heirs",
        "“{org}”还没有人担任有待办的岗位，请先安排接手的人",
        "Nobody at “{org}” holds a post for which tasks wait; appoint somebody first",
    ),
    (
        "person.in_hand",
        "{person}手里还有 {count} 项事项，请先办理工作交接",
        "{count} tasks still wait for {person} by name; hand them over first",
    ),
    ("admin.last", "这样一来就没有人担任“{role}”了，不能办", "Nobody would hold the role “{role}” any more"),
    (
        "admin.part_missing",
        "先要有人担任“{role}”，才能三员分立",
        "Somebody must hold the role “{role}” before the rights can be separated",
    ),
    (
        "admin.parts_joined",
        "{person}不能同时担任两种管理员：系统、安全、审计须由不同的人担任",
        "{person} can't hold two of the administrator's parts: system, security and audit are three people's",
    ),
    (
        "admin.whole_while_separated",
        "已经三员分立，不能再设全权管理员",
        "The administrator's rights are separated; nobody can have all of them",
    ),
    ("admin.separated_already", "已经是三员分立", "The rights are separated already"),
    ("admin.joined_already", "本来就没有三员分立", "The rights aren't separated"),
    (
        "approval.asked_already",
        "已经有人申请过，正等另一位管理员确认",
        "Somebody has asked for this already; it waits for another administrator",
    ),
    ("approval.expired", "申请已于{at}过期，请重新申请", "The request expired on {at}; ask again"),
    ("approval.confirmed", "这份申请已经确认", "The request was confirmed"),
    ("approval.declined", "这份申请没有同意", "The request was declined"),
    ("dates.order", "止日 {until} 早于起日 {since}", "The last day, {until}, is before the first, {since}"),
    (
        "oidc.bad_issuer",
        "统一认证的地址须以 https:// 开头",
        "The provider's address must begin with https://",
    ),
    ("oidc.no_client", "请填写客户端标识", "The client id is missing"),
    (
        "org.bad_code",
        "机构代码“{org}”不能用：只能是字母、数字、点、横线和下划线，最多40个",
        "The code “{org}” can't be used: letters, digits, dots, dashes and underscores only, 40 at most",
    ),
    ("org.bad_kind", "机构类别“{kind}”不能用", "The kind “{kind}” can't be used"),
    (
        "org.circle",
        "“{org}”不能隶属于自己或自己的下级",
        "“{org}” can't belong to itself or to what belongs to it",
    ),
    (
        "org.too_deep",
        "“{org}”的上级超过 {most} 层，请检查隶属关系",
        "“{org}” would stand below more than {most} others; check what belongs to what",
    ),
    ("org.exists", "机构代码“{org}”已经有了", "The code “{org}” is taken"),
    (
        "person.bad_name",
        "名称不能空，最多{length}个字",
        "The name can't be empty, and has {length} characters at most",
    ),
    ("person.closed_already", "{person}的账号本来就是停用的", "The account of {person} is closed already"),
    ("person.not_locked", "{person}的账号没有锁定", "The account of {person} isn't locked"),
    ("person.open_already", "{person}的账号本来就是启用的", "The account of {person} is open already"),
    (
        "post.auditor",
        "审计账号请在“审计账号”页设立，须有范围和止日",
        "An auditor's account is made on its own page, with a scope and a last day",
    ),
    ("post.bad_role", "角色“{role}”不能用", "The role “{role}” can't be used"),
    ("post.exists", "同一时间已有这个岗位", "The person has this post on these days already"),
    (
        "post.mixed",
        "管理员、审计岗位不能与业务岗位兼任（管理员不办理业务）",
        "Posts of administrators and auditors don't go with posts in the business",
    ),
    ("post.unknown", "没有这个岗位", "There is no such post"),
    ("session.unknown", "这次登录已经结束", "That session has ended"),
    ("setting.range", "请填 {least} 到 {most} 之间的整数", "A whole number from {least} to {most}, please"),
    ("setting.unknown", "没有设置“{key}”", "There is no setting “{key}”"),
    ("import.empty", "文件里没有一行内容", "The file has no rows"),
    ("import.too_many", "一次最多导入 {most} 行，请分几次", "One import has {most} rows at most; split it"),
    (
        "import.unknown",
        "没有这次导入，或已过期，请重新上传",
        "There is no such import, or it is too old; upload the file again",
    ),
    (
        "import.changed",
        "试算之后数据有变化，请看新的试算结果再确认",
        "The data have changed since the trial; look at the new one",
    ),
    (
        "import.errors",
        "还有 {count} 行有错误，改好后重新上传",
        "{count} rows have errors; mend them and upload the file again",
    ),
    ("import.twice", "与第 {row} 行重复", "It repeats row {row}"),
    ("import.date", "“{text}”不是日期，请写成 2026-01-31", "“{text}” is no date; write it as 2026-01-31"),
    ("import.word", "没有“{text}”这一项，可写：{known}", "There is no “{text}” here; there are: {known}"),
    ("import.needed", "这一格不能空", "This cell can't be empty"),
    (
        "import.not_xlsx",
        "这不是 .xlsx 文件，请用 WPS 或 Excel 另存为 .xlsx",
        "This is no .xlsx file; save it as .xlsx in your office program",
    ),
    (
        "import.too_large",
        "文件太大或展开后太大，请只留要导入的表和行",
        "The file, or what it unpacks to, is too large; keep only what is to be imported",
    ),
    (
        "import.no_sheet",
        "没有找到要导入的表；表名须是：{known}",
        "There is no sheet to import; they are called: {known}",
    ),
    ("import.no_column", "表“{sheet}”缺少列：{columns}", "The sheet “{sheet}” lacks the columns: {columns}"),
    (
        "audit.dates",
        "审计账号须有止日，从今天起，最长 {days} 天",
        "An auditor's account needs a last day, from today on, {days} days at most",
    ),
    (
        "audit.other_posts",
        "{person}还有别的岗位；审计账号只能查阅，不能兼任",
        "{person} has other posts; an auditor's account only reads",
    ),
    ("audit.unknown", "没有这个审计范围，或已经结束", "There is no such scope, or it has ended"),
    ("audit.only", "这里只给审计查阅账号看", "This is for auditors only"),
    (
        "phone.not_yours",
        "办公电话由本人所在单位的负责人或者系统管理员维护",
        "An office phone is kept by the head of the person’s office or by an administrator",
    ),
    ("person.bad_phone", "“{phone}”不是电话号码", "“{phone}” is no telephone number"),
)

SENTENCES = {code: {"zh": chinese, "en": english} for code, chinese, english in _SENTENCES}
