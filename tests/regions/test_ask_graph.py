"""Who asks whom forms no circle, and every ask that really happens stands in the table."""

from regional import REGION, booted, create_key, encrypt

from regions.az import Az
from regions.bucket import Bucket
from regions.events.events import Events
from regions.hsm.hsm import Hsm
from regions.iam.iam import Iam
from regions.lake.lake import Lake
from regions.live.courier import Courier
from regions.logs.logs import Logs
from regions.operator import Operator
from regions.region import Region
from regions.replication.node import Node
from regions.router import Router
from regions.s3.endpoint import S3
from regions.s3.store import Store
from regions.sns.sns import Sns
from regions.sts.sts import Sts
from regions.trail.recorder import Recorder
from regions.trail.trail import Trail
from scenarios.workloads.sdk import SdkClient
from sim.actor import Actor
from sim.graph import ask_cycles, undeclared_asks
from sim.units import minutes

ACTORS: tuple[type[Actor], ...] = (
    Az,
    Bucket,
    Courier,
    Events,
    Hsm,
    Iam,
    Lake,
    Logs,
    Node,
    Operator,
    Recorder,
    Region,
    Router,
    S3,
    SdkClient,
    Store,
    Sns,
    Sts,
    Trail,
)


def test_no_actor_can_wait_for_itself_around_a_circle() -> None:
    assert ask_cycles(ACTORS) == []


def test_every_ask_of_a_running_region_stands_in_the_table() -> None:
    with booted() as arena:
        encrypt(arena, create_key(arena))
        arena.api(REGION, "DescribeTrails", {}, service="cloudtrail")
        arena.world.run_for(minutes(20))
        assert undeclared_asks(arena.world) == []


def test_every_inline_message_of_an_az_has_a_handler() -> None:
    with booted() as arena:
        az = arena.world.kernel.cells["us-east-1/use1-az1/az"].actor
        assert isinstance(az, Az)
        assert set(az._handlers) == Az.inline
