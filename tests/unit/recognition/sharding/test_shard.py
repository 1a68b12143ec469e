import pytest

from mien.errors import MienError
from mien.recognition.sharding.shard import MAX_SHARDS, Shard, hash_of


@pytest.mark.parametrize("text", ["1/1", "2/8", f"{MAX_SHARDS}/{MAX_SHARDS}"])
def test_a_shard_is_read_and_printed(text):
    assert str(Shard.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0/4", "5/4", "1", "1/", "a/b", "-1/4", "1/0", "1/4/", "1 / 4", "1/999999", None]
)
def test_other_texts_are_refused(text):
    with pytest.raises(MienError, match="expected NUMBER/COUNT"):
        Shard.parse(text)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_each_input_is_in_one_shard_and_shards_are_of_similar_size(count):
    names = [f"photos/{number}.jpg" for number in range(4000)]
    shards = [Shard(number, count) for number in range(1, count + 1)]
    assert all(sum(shard.contains(name) for shard in shards) == 1 for name in names)
    sizes = [sum(map(shard.contains, names)) for shard in shards]
    assert min(sizes) > 0.85 * 4000 / count


def test_the_partition_is_the_same_in_every_version():
    assert hash_of("photos/1.jpg") == 0x00C80ECD5F2EE8DD
    assert hash_of("caf\udce9.jpg") == 0xE8FAB1E5EF29CEB7
