"""The runner copes with what test case files of all versions of the standard hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tck.__main__ import main
from tests.tck.runner import run_folder

MODELS = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
)
MODEL = """<definitions xmlns="{namespace}" xmlns:feel="http://www.omg.org/spec/FEEL/20140401" id="m" name="m"
  namespace="urn:m" expressionLanguage="http://www.omg.org/spec/FEEL/20140401">
  <itemDefinition name="tPerson"><itemComponent name="name"><typeRef>feel:string</typeRef></itemComponent>
    <itemComponent name="ages" isCollection="true"><typeRef>feel:number</typeRef></itemComponent></itemDefinition>
  <inputData id="_p" name="person"><variable name="person" typeRef="tPerson"/></inputData>
  <decision id="_whole" name="whole"><variable name="whole" typeRef="tPerson"/>
    <informationRequirement><requiredInput href="#_p"/></informationRequirement>
    <literalExpression><text><![CDATA[ person ]]></text></literalExpression></decision>
  <decision id="_moment" name="moment"><literalExpression>
    <text>date and time("2026-05-01T10:00:00@Europe/Paris")</text></literalExpression></decision>
  <decision id="_count" name="count of ages"><variable name="count of ages" typeRef="feel:number"/>
    <informationRequirement><requiredInput href="#_p"/></informationRequirement>
    <literalExpression><text>count(person.ages)</text></literalExpression></decision>
  <decision id="_null" name="nothing"><literalExpression><text>1 +</text></literalExpression></decision>
  <businessKnowledgeModel id="_b" name="twice"><variable name="twice"/><encapsulatedLogic>
    <formalParameter name="n" typeRef="feel:number"/><literalExpression><text>n * 2</text></literalExpression>
    </encapsulatedLogic></businessKnowledgeModel>
  <decisionService id="_s" name="service"><variable name="service"/><outputDecision href="#_count"/>
    <inputData href="#_p"/></decisionService>
</definitions>"""
PERSON = """<inputNode name="person"><component name="name"><value xsi:type="xsd:string">A</value></component>
  <component name="ages"><list><item><value xsi:type="xsd:decimal">1</value></item>
  <item><value xsi:type="xsd:double">2.50</value></item></list></component></inputNode>"""
CASES = f"""<testCases xmlns="{{namespace}}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema"><modelName>m.dmn</modelName><labels><label>L</label></labels>
  <testCase id="001">{PERSON}<resultNode name="whole" type="decision"><expected>
    <component name="name"><value xsi:type="xsd:string">A</value></component>
    <component name="ages"><list><item><value xsi:type="xsd:integer">1</value></item>
      <item><value xsi:type="xsd:decimal">2.5</value></item></list></component></expected></resultNode></testCase>
  <testCase id="002">{PERSON}<resultNode name="count of ages" type="decision"><expected><value>2</value></expected>
    </resultNode></testCase>
  <testCase id="003"><resultNode name="nothing" type="decision" errorResult="true"><expected>
    <value xsi:nil="true"/></expected></resultNode></testCase>
  <testCase id="004" type="bkm" invocableName="twice"><inputNode name="n"><value xsi:type="xsd:decimal">4</value>
    </inputNode><resultNode name="twice" type="bkm"><expected><value xsi:type="xsd:decimal">8.0</value></expected>
    </resultNode></testCase>
  <testCase id="005" type="decisionService" invocableName="service">{PERSON}<resultNode name="count of ages"
    type="decision"><expected><value xsi:type="xsd:decimal">2</value></expected></resultNode></testCase>
  <testCase id="006"><resultNode name="moment" type="decision"><expected>
    <value xsi:type="xsd:dateTime">2026-05-01T10:00:00+02:00</value></expected></resultNode></testCase>
  <testCase id="007">{PERSON}<resultNode name="count of ages" type="decision"><expected>
    <value xsi:type="xsd:decimal">3</value></expected></resultNode></testCase>
</testCases>"""


@pytest.mark.parametrize("namespace", MODELS)
def test_models_and_cases_of_every_version(namespace: str, tmp_path: Path) -> None:
    folder = tmp_path / "compliance-level-2" / "0001-odd"
    folder.mkdir(parents=True)
    (folder / "m.dmn").write_text(MODEL.format(namespace=namespace))
    (folder / "m-test-01.xml").write_text(
        CASES.format(namespace="http://www.omg.org/spec/DMN/20160719/testcase")
    )
    (folder / "broken-test-02.xml").write_text("<testCases")
    result = run_folder(tmp_path).as_dict()
    assert (result["total"], result["passed"]) == (7, 6)
    assert [failure["case"] for failure in result["failures"]] == ["007"]
    assert result["levels"] == {"2": {"total": 7, "passed": 6}}


def test_a_file_that_names_no_model_means_that_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "m.dmn").write_text(MODEL.format(namespace=MODELS[0]))
    cases = CASES.format(namespace="").replace("<modelName>m.dmn</modelName>", "")
    odd = cases.replace('"xsd:decimal">8.0<', '"xsd:decimal">eight<')
    (tmp_path / "test.xml").write_text(odd)
    assert [failure["case"] for failure in run_folder(tmp_path).as_dict()["failures"]] == ["004", "007"]


def test_a_model_that_is_not_there_gives_null_everywhere(tmp_path: Path) -> None:
    (tmp_path / "test.xml").write_text(CASES.format(namespace=""))
    result = run_folder(tmp_path).as_dict()
    assert (result["total"], result["passed"]) == (7, 1)


def test_a_folder_without_cases_is_said_to_be_one(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "nowhere")]) == 2
