"""Nested stacks of the same repository: what their parent gives them decides, what they put out comes back."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from fsbp_lsp.cloudformation.load import load_template
from fsbp_lsp.cloudformation.nested import MAX_DEPTH, MAX_STACKS
from fsbp_lsp.cloudformation.template import Template
from fsbp_lsp.config.settings import Settings
from fsbp_lsp.engine.check import ModuleReport, Scope, Session, check
from fsbp_lsp.engine.discover import ModuleKey
from fsbp_lsp.engine.fix import plan_fixes
from fsbp_lsp.files import DiskFiles
from fsbp_lsp.model import Finding, Safety
from fsbp_lsp.values import NO, UNKNOWN, YES, Ref
from tests.cloudformation.sources import plain

CHILD = """
    Parameters:
      Protect: {Type: String, Default: "true"}
      Name: {Type: String, Default: ""}
    Conditions:
      Named: !Not [!Equals [!Ref Name, ""]]
    Resources:
      Table:
        Type: AWS::DynamoDB::Table
        Properties:
          TableName: !If [Named, !Ref Name, !Ref AWS::NoValue]
          DeletionProtectionEnabled: !Ref Protect
    Outputs:
      TableName: {Value: !Ref Table}
      Fixed: {Value: plain}
      Region: {Value: !Ref AWS::Region}
      Stack: {Value: !Ref AWS::StackName}
"""
PARENT = """
    Resources:
      Data:
        Type: AWS::CloudFormation::Stack
        Properties:
          TemplateURL: child.yaml
          Parameters: {Protect: "false"}
      Uses:
        Type: AWS::X::Y
        Properties:
          A: !GetAtt Data.Outputs.TableName
          B: !GetAtt Data.Outputs.Fixed
          C: !GetAtt Data.Outputs.Region
          D: !GetAtt Data.Outputs.Stack
          E: !GetAtt Data.Outputs.Nothing
          F: !Sub "x-${Data.Outputs.TableName}"
"""


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir(parents=True)

    def write(self, **files: str) -> Repository:
        for name, text in files.items():
            path = self.root / (name.replace("__", "/") + ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"))
        return self

    def load(self, name: str = "parent") -> Template:
        found = load_template(DiskFiles(), str(self.root / f"{name}.yaml"))
        assert found is not None
        return found

    def reports(self, *names: str) -> list[ModuleReport]:
        paths = tuple(str(self.root / f"{name}.yaml") for name in names) or (str(self.root),)
        return list(check(DiskFiles(), Scope(paths), lambda _path: Settings(), today="2026-11-26"))

    def said(self, control: str, *names: str) -> list[Finding]:
        return [finding for report in self.reports(*names) for finding in report.findings if finding.control == control]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def test_what_the_parent_gives_decides(repository):
    repository.write(parent=PARENT, child=CHILD)
    (finding,) = repository.said("DynamoDB.6", "parent")
    assert (os.path.basename(finding.at.path), finding.at.text) == ("child.yaml", "!Ref Protect")
    assert finding.address == "Data.Table"
    assert finding.message == 'DeletionProtectionEnabled is "false" (through parameter Protect of Data)'
    ((place, note),) = finding.related
    assert (os.path.basename(place.path), place.text, note) == ("parent.yaml", "Data", "deployed by Data")


def test_the_fix_is_offered_where_the_parent_says_it(repository):
    repository.write(parent=PARENT, child=CHILD)
    (finding,) = repository.said("DynamoDB.6", "parent")
    first, second = finding.fixes
    assert (first.title, first.safety.word, os.path.basename(first.edits[0].at.path)) == (
        "Change parameter Protect of Data to true",
        "review",
        "parent.yaml",
    )
    assert (second.title, os.path.basename(second.edits[0].at.path)) == ("Set DeletionProtectionEnabled to true here", "child.yaml")


def test_a_fix_is_proven_in_the_stack_as_deployed(repository):
    repository.write(parent=PARENT, child=CHILD)
    result = plan_fixes(DiskFiles(), Scope((str(repository.root),)), lambda _path: Settings(), Safety.REVIEW, None)
    assert {os.path.basename(path) for path in result.contents} == {"parent.yaml", "child.yaml"}
    (parent,) = (after for path, (_, after) in result.contents.items() if path.endswith("parent.yaml"))
    assert b'Parameters: {Protect: "true"}' in parent
    assert "DynamoDB.6" in {finding.control for finding in result.fixed}


def test_by_itself_a_template_is_judged_as_always(repository):
    repository.write(parent=PARENT, child=CHILD)
    assert not repository.said("DynamoDB.6", "child")
    repository.write(child=CHILD.replace('Default: "true"', 'Default: "false"'))
    (finding,) = repository.said("DynamoDB.6", "child")
    assert finding.address == "Table"


@pytest.mark.parametrize("names", [(), ("parent", "child"), ("child", "parent")])
def test_the_same_fact_is_said_once(repository, names):
    repository.write(parent=PARENT, child=CHILD.replace('Default: "true"', 'Default: "false"'))
    assert len(repository.said("DynamoDB.6", *names)) == 1
    # DynamoDB.2 fails by itself and as it is deployed.
    (finding,) = repository.said("DynamoDB.2", *names)
    assert finding.instances == ("Table", "Data.Table")


def test_without_an_argument_the_default_decides(repository):
    parent = """
        Resources:
          Data: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml}}
        """
    child = """
        Parameters: {Encrypt: {Type: String, Default: "no"}}
        Conditions: {On: !Equals [!Ref Encrypt, "yes"]}
        Resources:
          Files: {Type: AWS::EFS::FileSystem, Properties: {Encrypted: !If [On, true, false]}}
        """
    repository.write(parent=parent, child=child)
    # Somebody may deploy the template with another value, the parent does not.
    assert [finding.message for finding in repository.said("EFS.1", "child")] == ["Encrypted is false when On is false"]
    assert [finding.address for finding in repository.said("EFS.1", "parent")] == ["Data.Files"]


@pytest.mark.parametrize("given", ["!Ref P", "!GetAtt Bucket.Arn", "'{{resolve:ssm:x}}'"])
def test_what_is_not_literal_is_unknown(repository, given):
    parent = f"""
        Parameters: {{P: {{Type: String}}}}
        Resources:
          Bucket: {{Type: AWS::S3::Bucket}}
          Data: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml, Parameters: {{Protect: {given}}}}}}}
        """
    repository.write(parent=parent, child=CHILD.replace('Default: "true"', 'Default: "false"'))
    assert not repository.said("DynamoDB.6", "parent")


def test_outputs_come_back(repository):
    repository.write(parent=PARENT, child=CHILD)
    uses = repository.load().get("Uses")
    assert uses is not None
    shown = {name: plain(uses.config.child(name)) for name in "ABCDE"}
    assert shown == {"A": Ref("Data.Table", "Ref"), "B": "plain", "C": Ref("AWS::Region", "Ref"), "D": UNKNOWN, "E": UNKNOWN}
    assert uses.config.child("F").starts_with("x-") is YES


LOOPED = """
    Transform: AWS::LanguageExtensions
    Parameters: {Names: {Type: CommaDelimitedList, Default: 'One,Two'}}
    Resources:
      'Fn::ForEach::Buckets': [Name, [One, Two], {'Bucket${Name}': {Type: AWS::S3::Bucket}}]
    Outputs:
      'Fn::ForEach::Names':
        - Name
        - LISTED
        - 'Name${Name}': {Value: !Ref {'Fn::Sub': 'Bucket${Name}'}}
          'Word${Name}': {Value: !Sub '${Name}-word'}
          'Fn::ForEach::Attributes': [Of, [Arn], {'${Of}${Name}': {Value: !GetAtt [!Sub 'Bucket${Name}', !Ref Of]}}]
    """
USES = """
    Resources:
      Data: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
      Uses:
        Type: AWS::X::Y
        Properties:
          A: !GetAtt Data.Outputs.NameOne
          B: !GetAtt Data.Outputs.ArnTwo
          C: !GetAtt Data.Outputs.WordTwo
          D: !GetAtt Data.Outputs.NameThree
      Policy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !GetAtt Data.Outputs.NameOne}}
    """


@pytest.mark.parametrize("listed", ["[One, Two]", "!Ref Names"])
def test_outputs_that_a_loop_writes_come_back(repository, listed):
    repository.write(parent=USES, child=LOOPED.replace("LISTED", listed))
    found = repository.load()
    uses = found.get("Uses")
    assert uses is not None
    shown = {name: plain(uses.config.child(name)) for name in "ABCD"}
    assert shown == {"A": Ref("Data.BucketOne", "Ref"), "B": Ref("Data.BucketTwo", "Arn"), "C": "Two-word", "D": UNKNOWN}
    place = uses.config.child("C").origins[0].at
    assert place is not None
    assert (os.path.basename(place.path), place.text) == ("child.yaml", "!Sub '${Name}-word'")
    (instance,) = found.instances()
    one, two = instance.get("BucketOne"), instance.get("BucketTwo")
    assert one is not None
    assert two is not None
    assert [policy.block for policy in instance.linked(one, "AWS::S3::BucketPolicy", ("Bucket",)).found] == ["Policy"]
    none = instance.linked(two, "AWS::S3::BucketPolicy", ("Bucket",))
    assert (none.found, none.maybe_more) == ((), False)


@pytest.mark.parametrize(
    ("given", "expected", "partial"),
    [
        ("{Names: 'Red, Green'}", ["BucketRed", "BucketGreen"], False),
        ("{Names: !Join [',', [Red, Green]]}", ["BucketRed", "BucketGreen"], False),
        ("{}", ["BucketOne", "BucketTwo"], False),
        ("{Names: ''}", [], True),
        ("{Names: !Ref Mine}", [], True),
    ],
)
def test_a_loop_goes_through_the_list_the_parent_gives(repository, given, expected, partial):
    parent = f"""
        Parameters: {{Mine: {{Type: String}}}}
        Resources:
          Data: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml, Parameters: {given}}}}}
        """
    child = LOOPED.replace("LISTED", "[One]").replace("[Name, [One, Two], {", "[Name, !Ref Names, {")
    repository.write(parent=parent, child=child)
    (instance,) = repository.load().instances()
    assert [resource.block for resource in instance.resources] == expected
    assert instance.partial is partial


@pytest.mark.parametrize(("given", "expected"), [("'Red,Green'", 1), ("'Green,Red'", 2), ("!Ref Mine", ("or", 1, 2))])
def test_conditions_over_a_list_the_parent_gives(repository, given, expected):
    parent = f"""
        Parameters: {{Mine: {{Type: String}}}}
        Resources:
          Data: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml, Parameters: {{Names: {given}}}}}}}
        """
    child = """
        Parameters: {Names: {Type: CommaDelimitedList}}
        Conditions: {First: !Equals [!Select [0, !Ref Names], Red]}
        Resources: {R: {Type: AWS::X::Y, Properties: {V: !If [First, 1, 2]}}}
        """
    repository.write(parent=parent, child=child)
    (instance,) = repository.load().instances()
    resource = instance.get("R")
    assert resource is not None
    assert plain(resource.config.child("V")) == expected


def test_what_a_loop_writes_is_said_once_in_nested_stacks_too(repository):
    repository.write(parent=USES, child=LOOPED.replace("LISTED", "[One, Two]"))
    (finding,) = repository.said("S3.13", "parent")
    assert finding.instances == ("Data.BucketOne", "Data.BucketTwo")


@pytest.mark.parametrize(
    "outputs",
    [
        "{'Fn::ForEach::Names': [Name, !Split [',', 'One,Two'], {'Name${Name}': {Value: !Ref {'Fn::Sub': 'Bucket${Name}'}}}]}",
        "{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: 's3://b/outputs.yaml'}}}",
        "{Name: {Value: !Select [0, !Split ['-', !Ref Logs]]}}",
        "{Name: {Value: !Sub ['${X}', {X: !Select [0, !Split ['-', !GetAtt Logs.Arn]]}]}}",
    ],
)
def test_outputs_that_cannot_be_followed_may_hand_on_anything(repository, outputs):
    """What is put out without our knowing may have companions in any stack that deploys this one."""
    low = f"""
        Transform: AWS::LanguageExtensions
        Resources: {{Logs: {{Type: AWS::S3::Bucket}}}}
        Outputs: {outputs}
        """
    middle = """
        Resources:
          Low: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: low.yaml}}
        Outputs: {Bucket: {Value: !GetAtt Low.Outputs.Name}}
        """
    top = "Resources: {Middle: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: middle.yaml}}}\n"
    repository.write(top=top, middle=middle, low=low)
    _, instance = repository.load("top").instances()
    logs = instance.get("Logs")
    assert logs is not None
    assert instance.linked(logs, "AWS::S3::BucketPolicy", ("Bucket",)).maybe_more


def test_what_is_handed_on_in_pieces_may_have_companions_there(repository):
    parent = """
        Resources:
          Logs: {Type: AWS::S3::Bucket}
          Other: {Type: AWS::S3::Bucket}
          Data:
            Type: AWS::CloudFormation::Stack
            Properties:
              TemplateURL: 'https://example.com/policies.yaml'
              Parameters: {Bucket: !Select [5, !Split [':', !GetAtt Logs.Arn]]}
        """
    repository.write(parent=parent)
    found = repository.load()
    assert found.escapes("Logs")
    assert not found.escapes("Other")


def test_a_policy_beside_the_stack_belongs_to_the_bucket_in_it(repository):
    parent = """
        Resources:
          Data: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
          Policy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: !GetAtt Data.Outputs.Bucket
              PolicyDocument:
                Statement: [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*'}]
        """
    child = """
        Resources: {Logs: {Type: AWS::S3::Bucket}, Other: {Type: AWS::S3::Bucket}}
        Outputs: {Bucket: {Value: !Ref Logs}}
        """
    repository.write(parent=parent, child=child)
    (instance,) = repository.load().instances()
    logs, other = instance.get("Logs"), instance.get("Other")
    assert logs is not None
    assert other is not None
    linked = instance.linked(logs, "AWS::S3::BucketPolicy", ("Bucket",))
    assert [one.block for one in linked.found] == ["Policy"]
    assert not linked.maybe_more
    none = instance.linked(other, "AWS::S3::BucketPolicy", ("Bucket",))
    assert (none.found, none.maybe_more) == ((), False)


def test_what_is_put_out_further_may_have_companions_there(repository):
    top = """
        Resources:
          Middle: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: middle.yaml}}
        """
    middle = """
        Resources:
          Low: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: low.yaml}}
        Outputs: {Bucket: {Value: !GetAtt Low.Outputs.Bucket}}
        """
    low = """
        Resources: {Logs: {Type: AWS::S3::Bucket}}
        Outputs: {Bucket: {Value: !Ref Logs}}
        """
    repository.write(top=top, middle=middle, low=low)
    one, two = repository.load("top").instances()
    assert [os.path.basename(found.path) for found in (one, two)] == ["middle.yaml", "low.yaml"]
    logs = two.get("Logs")
    assert logs is not None
    assert logs.address == "Middle.Low.Logs"
    assert [call.address for call in logs.callers] == ["Middle.Low", "Middle"]
    assert two.linked(logs, "AWS::S3::BucketPolicy", ("Bucket",)).maybe_more


def test_a_serverless_application(repository):
    parent = """
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Data:
            Type: AWS::Serverless::Application
            Properties: {Location: child.yaml, Parameters: {Protect: false}}
        """
    repository.write(parent=parent, child=CHILD)
    (finding,) = repository.said("DynamoDB.6", "parent")
    assert finding.address == "Data.Table"


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com/b/child.yaml",
        "s3://b/child.yaml",
        "!Sub '${P}/child.yaml'",
        "/etc/child.yaml",
        "../outside.yaml",
        "link.yaml",
        "nothing.yaml",
        "'{{resolve:ssm:x}}'",
        "~/child.yaml",
        "sub/../../outside.yaml",
    ],
)
def test_only_templates_of_the_repository_are_read(repository, url):
    (repository.root.parent / "outside.yaml").write_text(textwrap.dedent(CHILD))
    (repository.root / "link.yaml").symlink_to(repository.root.parent / "outside.yaml")
    repository.write(parent=PARENT.replace("child.yaml", url), child=CHILD)
    assert repository.load().instances() == []
    uses = repository.load().get("Uses")
    assert uses is not None
    assert uses.config.child("B").only is UNKNOWN


def test_cycles_end(repository):
    loop = "Resources: {Again: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s.yaml}}, T: {Type: AWS::DynamoDB::Table}}\n"
    repository.write(parent=loop % "child", child=loop % "parent")
    assert [one.path for one in repository.load().instances()] == [str(repository.root / "child.yaml")]
    assert len(repository.said("DynamoDB.2")) == 2


def test_arguments_from_outputs_of_the_same_stack_are_unknown(repository):
    parent = """
        Resources:
          A:
            Type: AWS::CloudFormation::Stack
            Properties: {TemplateURL: child.yaml, Parameters: {Protect: !GetAtt A.Outputs.Fixed}}
        """
    repository.write(parent=parent, child=CHILD)
    (one,) = repository.load().instances()
    table = one.get("Table")
    assert table is not None
    assert table.config.child("DeletionProtectionEnabled").only is UNKNOWN


def test_depth_and_number_are_bounded(repository):
    for depth in range(MAX_DEPTH + 3):
        below = f"{{N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: d{depth + 1}.yaml}}}}}}"
        repository.write(**{f"d{depth}": f"Resources: {below}\n"})
    assert len(repository.load("d0").instances()) == MAX_DEPTH
    many = "".join(
        f"  S{n}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml}}}}\n" for n in range(MAX_STACKS + 9)
    )
    repository.write(wide=f"Resources:\n{many}", child=CHILD)
    assert len(repository.load("wide").instances()) == MAX_STACKS


def test_a_stack_that_never_exists_deploys_nothing(repository):
    parent = """
        Conditions: {Never: !Equals [a, b]}
        Resources:
          Data: {Type: AWS::CloudFormation::Stack, Condition: Never, Properties: {TemplateURL: child.yaml}}
        """
    repository.write(parent=parent, child=CHILD)
    assert repository.load().instances() == []


def test_a_secret_argument_is_not_shown(repository):
    child = """
        Parameters: {Password: {Type: String, NoEcho: true}}
        Resources: {T: {Type: AWS::X::Y, Properties: {Secret: !Ref Password}}}
        """
    parent = """
        Resources:
          Data: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Password: hunter2}}}
        """
    repository.write(parent=parent, child=child)
    (one,) = repository.load().instances()
    table = one.get("T")
    assert table is not None
    secret = table.config.child("Secret")
    assert "hunter2" not in secret.shown
    assert secret.is_("hunter2") is not YES
    assert secret.present() is not NO


def test_a_comment_at_the_stack_holds_back_what_it_deploys(repository):
    repository.write(parent=PARENT.replace("      Data:\n", "      # fsbp:ignore DynamoDB.6 -- scratch data\n      Data:\n"), child=CHILD)
    assert not repository.said("DynamoDB.6", "parent")
    assert not repository.said("unused-ignore")


MIDDLE = """
    Parameters:
      Protect: {Type: String}
    Resources:
      Inner:
        Type: AWS::CloudFormation::Stack
        Properties:
          TemplateURL: child.yaml
          Parameters: {Protect: !Ref Protect}
    Outputs:
      Given: {Value: !GetAtt Inner.Outputs.Fixed}
"""


def said_by(report: ModuleReport | None) -> list[tuple[object, ...]]:
    assert report is not None
    found: list[tuple[object, ...]] = [
        (one.control, one.at.key(), one.message, one.instances, tuple((place.key(), note) for place, note in one.related))
        for one in report.findings
    ]
    return sorted([*found, *((item.control, item.resource.address, item.reason) for item in report.unknown)], key=repr)


def test_a_session_that_remembers_sees_every_change_around_a_stack(repository):
    """What was remembered of a template in a stack holds for this text of all templates deployed together, and of no other."""
    outer = PARENT.replace("child.yaml", "middle.yaml")
    texts = {"parent": outer, "middle": MIDDLE, "child": CHILD}
    repository.write(**texts)
    keys = {name: ModuleKey("cloudformation", str(repository.root / f"{name}.yaml")) for name in texts}

    settings = Settings()  # others would make it forget

    def session(keep: bool) -> Session:
        return Session(DiskFiles(), lambda _path: settings, "2026-11-26", keep=keep)

    kept = {name: session(True) for name in texts}  # as the language server has it
    kept["child"].nested_in(keys["child"], frozenset(keys[name].path for name in ("parent", "middle")))
    kept["middle"].nested_in(keys["middle"], frozenset({keys["parent"].path}))
    silent = said_by(kept["child"].check_module(keys["child"]))
    for name, old, new, seen in (
        ("parent", '"false"', '"true"', True),
        ("middle", "!Ref Protect", '"false"', True),
        ("middle", "child.yaml", "other.yaml", True),
        ("child", "!Ref Protect", '"false"', True),
        ("child", "Fixed: {Value: plain}", "Fixed: {Value: other}", False),
        ("parent", "Resources:", "# moved\n    Resources:", False),
    ):
        assert old in texts[name]
        repository.write(**{**texts, name: texts[name].replace(old, new)})
        fresh = session(False)
        fresh.nest(keys.values())
        for each, key in keys.items():
            assert said_by(kept[each].check_module(key)) == said_by(fresh.check_module(key)), (name, new, each)
        changed = said_by(kept["child"].check_module(keys["child"])) != silent
        assert changed is seen or not seen, (name, new)
    repository.write(**texts)
    assert said_by(kept["child"].check_module(keys["child"])) == silent
