"""The hash of how a picture looks: as the field's library computes it, alike for like pictures."""

import io

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from preparation.perceptual_hash import perceptual_hash


def _picture(seed: int) -> Image.Image:
    patches = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize((480, 360), Image.Resampling.BICUBIC)


def _distance(one: Image.Image, other: Image.Image) -> int:
    return (perceptual_hash(one) ^ perceptual_hash(other)).bit_count()


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_hash_that_imagehash_computes(seed: int) -> None:
    assert f"{perceptual_hash(_picture(seed)):016x}" == str(imagehash.phash(_picture(seed)))


@pytest.mark.parametrize("seed", range(5))
def test_a_large_picture_has_the_hash_of_all_its_pixels(seed: int) -> None:
    large = _picture(seed).resize((2400, 1800), Image.Resampling.BICUBIC)

    assert (perceptual_hash(large) ^ int(str(imagehash.phash(large)), 16)).bit_count() <= 2


def test_a_scaled_brightened_and_saved_picture_looks_alike() -> None:
    picture = _picture(1)
    sink = io.BytesIO()
    ImageEnhance.Brightness(picture.resize((200, 150))).enhance(1.2).save(sink, "JPEG", quality=40)

    assert _distance(picture, Image.open(sink)) <= 6


def test_other_pictures_look_different() -> None:
    assert min(_distance(_picture(1), _picture(seed)) for seed in range(2, 12)) > 15


def test_one_grey_has_no_look() -> None:
    assert perceptual_hash(Image.new("RGB", (40, 40), (90, 90, 90))) == 0
