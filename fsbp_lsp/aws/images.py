"""Machine images: what source says of the one an instance starts from.

Sources: Amazon Linux 2023 user guide, "IMDSv2"; EC2 user guide, "Order of precedence for instance metadata options"; what
`describe-images` says of Canonical's images; Fedora wiki, "Changes/CloudEC2IMDSv2Only".
"""

from __future__ import annotations

from fsbp_lsp.aws.ec2 import Instance
from fsbp_lsp.values import NO, UNKNOWN, YES, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsbp_lsp.model import Resource
    from fsbp_lsp.values import Value

V2_IMAGES = {
    "Amazon Linux 2023": ("al2023", "amazon-linux-2023"),
    "Ubuntu 24.04 and later": ("noble", "24.04", "oracular", "24.10", "plucky", "25.04", "questing", "25.10", "resolute", "26.04"),
    "Fedora": ("fedora-cloud",),
}
"""What names of images that carry `ImdsSupport: v2.0` contain: AMI names, and SSM parameters of EC2, ECS, EKS and Canonical."""

MADE = ("aws_ami_copy", "aws_ami_from_instance", "aws_imagebuilder_image", "AWS::ImageBuilder::Image")
"""Resources that make an image of another one, whose properties it takes."""
PUBLIC = "/aws/service/"
"""Where the SSM parameters of public images are; others hold images of the team's own."""


def _sources(instance: Instance) -> Iterator[Resource]:
    """What the image's id is read from: resources and data sources. In a plan the id is known, and tells its data source."""
    for option in Instance.image.read(instance).options:
        if isinstance(option, Ref):
            source = instance.module.get(option.address)
            if source is not None:
                yield source
        elif isinstance(option, str):
            yield from (image for image in instance.module.of("data.aws_ami") if image.config.child("id").is_(option) is YES)


def _texts(instance: Instance) -> list[str]:
    """Every text that may name the image or the SSM parameter that holds its id."""
    value = Instance.image.read(instance)
    return [place.text.strip("\"'") for place in (value.at, *(origin.at for origin in value.origins)) if place is not None]


def family_with_v2(instance: Instance) -> str:
    """The family of images that require IMDSv2 which the instance's image certainly or probably is of; '' for none."""
    texts = _texts(instance)
    names: list[Value] = []
    for source in _sources(instance):
        if source.type.startswith("data."):
            texts.append(source.extent.text)
            names.append(source.config.child("name"))
            names.extend(name for one in source.config.child("filter").items() for name in one.child("values").items())
    for family, parts in V2_IMAGES.items():
        if any(part in text.lower() for part in parts for text in texts):
            return family
        if any(name.contains(part) is YES for part in parts for name in names):
            return family
    return ""


def registered_for_v2(instance: Instance) -> bool:
    """The image is registered, or in a plan was found, with `ImdsSupport: v2.0`."""
    return any(source.config.child("imds_support").is_("v2.0") is YES for source in _sources(instance))


def own_image(instance: Instance) -> bool:
    """The image is one of the team's own, so that what it requires and encrypts is not in the source of the instance."""
    for source in _sources(instance):
        if source.type in MADE or (source.type == "aws_ami" and source.config.child("imds_support").present() is not NO):
            return True
        if source.type == "data.aws_ssm_parameter" and source.config.child("name").starts_with(PUBLIC) is NO:
            return True
        if any(owner.is_("self") is YES for owner in source.config.child("owners").items()):
            return True
    for text in _texts(instance):
        path = text.rpartition("resolve:ssm:")[2]
        if path.startswith("/") and not path.startswith(PUBLIC):
            return True
    return False


def image_undecided(instance: Instance) -> bool:
    """Nothing in source tells the image: no id, no lookup, no SSM parameter of a public image."""
    value = Instance.image.read(instance)
    return all(option is UNKNOWN for option in value.options) and not any(PUBLIC in text for text in _texts(instance))
