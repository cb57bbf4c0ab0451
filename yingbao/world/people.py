"""Made-up people of a made-up town, shaped after the county of seed 004. No real person can match."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.identity import check_character

ADDRESS_CODE = "341699"
TOWNSHIPS = ("城关镇", "阚疃镇", "张村镇", "江集镇", "旧城镇", "西潘楼镇")
VILLAGES = ("东村", "西村", "南村", "北村", "中心村")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉建玉萍红"

SHARES = (
    ("SUBSISTENCE", "低保对象", 0.085),
    ("DESTITUTE", "特困人员", 0.015),
    ("MARGINAL_AT_RISK", "边缘易致贫户", 0.012),
    ("UNSTABLE_OUT_OF_POVERTY", "脱贫不稳定户", 0.012),
    ("SUDDEN_HARDSHIP", "突发严重困难户", 0.006),
    ("BACK_TO_POVERTY", "返贫致贫人口", 0.004),
)
"""Category, the word its department writes, share of the town (A: shaped after S4's lists)."""

SMALL_TOWN = 300
PAID_SHARE = 0.94
"""Of the people whom somebody has on a list, the share that paid; the rest is to be found."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A made-up resident."""

    number: int
    name: str
    id_number: str
    phone: str
    township: str
    village: str
    category: str
    word: str
    since: date
    paid: bool
    age: int


def id_number(born: date, sequence: int) -> str:
    """Return an identity number with an unassigned address code and a right check character."""
    first = f"{ADDRESS_CODE}{born:%Y%m%d}{sequence % 1000:03d}"
    return first + check_character(first)


def make_town(seed: int, people: int) -> list[Resident]:
    """Return the residents of a town, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311  made-up people need no secret randomness
    born_and_sequence: set[tuple[date, int]] = set()
    town = []
    for number in range(people):
        while True:
            born = date(1935, 1, 1) + timedelta(days=rng.randrange(32_000))
            key = (born, rng.randrange(1000))
            if key not in born_and_sequence:
                born_and_sequence.add(key)
                break
        category, word = _category(rng)
        if people < SMALL_TOWN and number < len(SHARES):
            category, word, _ = SHARES[number]  # every list has somebody on it
        since = date(2023, 1, 1) if rng.random() < 0.9 else date(2023, rng.randrange(2, 11), 1)
        if category == "DESTITUTE":
            since = date(2023, 1, 1)  # exempt, and so covered, since they were recognised
        town.append(
            Resident(
                number=number,
                name=rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2)))),
                id_number=id_number(*key),
                phone=f"199{rng.randrange(10**8):08d}",
                township=rng.choice(TOWNSHIPS),
                village=rng.choice(VILLAGES),
                category=category,
                word=word,
                since=since,
                paid=category != "DESTITUTE" and rng.random() < PAID_SHARE,
                age=2023 - born.year,
            )
        )
    return town


def _category(rng: random.Random) -> tuple[str, str]:
    dice = rng.random()
    for category, word, share in SHARES:
        dice -= share
        if dice < 0:
            return category, word
    return "", ""
