"""What process design says, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("design.only", "只有流程设计人员可以这样做", "Only a process designer may do this"),
    ("design.no_deployment", "没有第 {deployment} 次部署", "There is no deployment {deployment}"),
    ("design.no_file", "没有文件“{file}”", "There is no file “{file}”"),
    ("design.no_element", "没有元素“{element}”", "There is no element “{element}”"),
    ("design.no_draft", "没有这份草稿，可能已被删除", "There is no such draft; it may have been dropped"),
    ("design.no_revision", "这份草稿没有第 {revision} 次保存", "The draft has no revision {revision}"),
    (
        "design.bad_name",
        "文件名“{file}”不能用：只能是文字、数字、点、横线和下划线，以 .bpmn、.dmn 或 .form 结尾",
        "The file name “{file}” can't be used: letters, digits, dots, dashes and underscores, then .bpmn, .dmn or .form",
    ),
    (
        "design.bad_id",
        "标识“{id}”不能用：以字母或下划线开头，只含字母、数字、横线和下划线，最多100个字符",
        "The id “{id}” can't be used: it begins with a letter or an underscore and has letters, digits, dashes and "
        "underscores only, 100 at most",
    ),
    ("design.taken", "已经有文件“{file}”", "There is a file “{file}” already"),
    (
        "design.open_already",
        "“{file}”已经有一份草稿，{by}最后在{at}保存，请在那份草稿上修改",
        "There is a draft of “{file}” already, last saved by {by} on {at}; go on with that one",
    ),
    (
        "design.changed",
        "{by}在{at}保存了“{file}”的另一个版本（第 {revision} 次保存），您的修改没有保存，请先比较",
        "{by} saved another version of “{file}” on {at} (revision {revision}); yours was not saved, compare them first",
    ),
    (
        "design.closed",
        "“{file}”的这份草稿已经部署或删除，不能再修改",
        "This draft of “{file}” has been deployed or dropped and can't be changed any more",
    ),
    ("design.not_text", "文件不是可读的文本", "The file is no readable text"),
    (
        "design.too_large",
        "文件太大：{size} MB，最多 {limit} MB",
        "The file is too large: {size} MB, {limit} MB at most",
    ),
    # Releases
    ("release.empty", "没有要部署的改动", "There is no change to be deployed"),
    (
        "release.outdated",
        "“{file}”起草以后已经部署了另一个版本，请先与现行版本比较，再“以现行版本为基础”继续",
        "Another version of “{file}” has been deployed since the draft was begun; compare the two, then go on from it",
    ),
    (
        "release.pending",
        "“{file}”已在第 {release} 号部署申请里（{by}提出），办结或撤回以后才能再提",
        "“{file}” goes with release {release} already, which {by} asked for; it must be over or withdrawn first",
    ),
    (
        "release.reason",
        "请写明改了什么、为什么改，最多{limit}字",
        "Say what was changed and why, in {limit} characters at most",
    ),
    (
        "release.running",
        "在办事项只能“按原版本办完”（finish）或“迁移”（migrate），不能是“{running}”",
        "Running cases may “finish” or “migrate”; “{running}” is neither",
    ),
    ("release.past", "部署时间{at}已经过去", "The time of the deployment, {at}, is past"),
    (
        "release.own",
        "须由另一名流程设计人员审核，提出的人不能自己审核",
        "Another designer must review it; who asks may not",
    ),
    (
        "release.own_file",
        "“{file}”是您最后修改的，须由另一人审核",
        "You were the last to change “{file}”; another person must review it",
    ),
    (
        "release.not_yours",
        "只有提出的人（{by}）或审核的人可以撤回",
        "Only {by}, who asked for it, or who approved it may withdraw it",
    ),
    ("release.unknown", "没有第 {release} 号部署申请", "There is no release {release}"),
    (
        "release.unused",
        "没有流程用到“{file}”，不能单独部署",
        "No process uses “{file}”; it can't be deployed alone",
    ),
    (
        "release.nothing_to_roll_back",
        "没有可以退回的版本：现行文件与那一版相同",
        "There is nothing to go back to: the files in use are the same",
    ),
    ("release.is_review", "这项部署申请还在等审核", "The release still waits for its review"),
    ("release.is_approved", "这项部署申请已经审核通过", "The release has been approved already"),
    ("release.is_deployed", "这项部署申请已经部署", "The release has been deployed already"),
    ("release.is_declined", "这项部署申请审核没有通过", "The release was declined"),
    (
        "release.no_migration",
        "第 {release} 号部署没有第 {migration} 次迁移",
        "Release {release} has no migration {migration}",
    ),
    ("release.is_withdrawn", "这项部署申请已经撤回", "The release was withdrawn"),
    ("release.is_failed", "这项部署申请没有部署成功", "The release could not be deployed"),
    (
        "release.told_asked",
        "流程部署等您审核：{reason}",
        "A deployment waits for your review: {reason}",
    ),
    ("release.told_approved", "流程部署审核通过：{reason}", "Your deployment was approved: {reason}"),
    ("release.told_declined", "流程部署审核没有通过：{reason}", "Your deployment was declined: {reason}"),
    ("release.told_failed", "流程没有部署成功：{reason}", "A deployment failed: {reason}"),
    # Diagrams of other engines
    ("convert.changed", "“{what}”改写为“{now}”", "“{what}” became “{now}”"),
    ("convert.dropped", "“{what}”在这里没有意义，已去掉", "“{what}” means nothing here and was left out"),
    (
        "convert.kept",
        "“{what}”不能转换，原样保留，检查时会指出",
        "“{what}” can't be converted; it stays as it is, and the checks will name it",
    ),
    # Replays
    (
        "replay.no_answer",
        "停在“{step}”：当时没有这一步的办理结果",
        "It waits at “{step}”, for which the case had no answer",
    ),
    (
        "replay.untouched",
        "流程“{process}”没有用到“{file}”",
        "The process “{process}” doesn't use “{file}”",
    ),
    ("replay.stands", "没有走到结束（{state}）", "It does not come to an end ({state})"),
    # Common changes
    ("steps.unreadable", "读不出流程，请先检查文件", "No process can be read; check the file first"),
    (
        "steps.hidden",
        "“{name}”这里写的是表达式 {text}，列表里显示不了，请在流程图的属性里修改",
        "“{name}” says {text} here, which the list can't show; change it in the properties of the diagram",
    ),
    (
        "steps.expression",
        "写的是表达式，请在流程图的属性里修改",
        "It is an expression; change it in the properties of the diagram",
    ),
    (
        "steps.several",
        "办理人写在几个地方，请在流程图的属性里修改",
        "Who acts is said in several places; change it in the diagram",
    ),
    ("steps.nobody", "请至少选一个办理岗位或人员", "Choose one role or person at least"),
    ("steps.mixed", "岗位、人员和发起人不能混选", "Roles, people and the initiator can't be mixed"),
    ("steps.value", "“{value}”不能用", "“{value}” can't be used"),
    # Trying out, and test cases
    ("trial.not_a_process", "“{file}”不是流程，不能试运行", "“{file}” is no process and can't be tried out"),
    (
        "trial.unreadable",
        "“{file}”读不出流程，请先检查",
        "No process can be read from “{file}”; check it first",
    ),
    ("trial.unknown_subject", "没有可以试运行的“{subject}”", "There is no “{subject}” to try it out for"),
    (
        "case.no_name",
        "请给测试用例起一个名称，最多{limit}字",
        "Give the test case a name of {limit} characters at most",
    ),
    ("case.unknown", "没有这个测试用例", "There is no such test case"),
    (
        "case.stopped",
        "这次试运行没有走通，不能存为测试用例：{reason}",
        "The trial could not go on and can't be kept as a test case: {reason}",
    ),
    ("case.problem", "走不下去：{reason}", "It could not go on: {reason}"),
    ("case.state", "应为“{expected}”，实际为“{found}”", "It should be “{expected}” and is “{found}”"),
    ("case.path", "应经过 {expected}，实际经过 {found}", "It should pass {expected} and passes {found}"),
    ("case.open", "应停在 {expected}，实际停在 {found}", "It should wait at {expected} and waits at {found}"),
    ("case.failed", "测试用例“{name}”没有通过：{reason}", "The test case “{name}” fails: {reason}"),
    (
        "release.cases",
        "有 {count} 个测试用例没有通过，不能部署",
        "{count} test cases fail; it can't be deployed",
    ),
)

CATALOGUE: Mapping[str, Mapping[str, str]] = {code: {"zh": zh, "en": en} for code, zh, en in _SENTENCES}
