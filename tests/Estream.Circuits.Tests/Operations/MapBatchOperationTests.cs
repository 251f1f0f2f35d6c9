using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Map.Tests;
using Estream.Queue;

namespace Estream.Circuits.Tests.Operations;

/// <summary>A batch that cannot be executed completely changes nothing.</summary>
public sealed class MapBatchOperationTests : OperationCase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_map_batch_with_too_many_keys_returns_TooLong(bool hasVersions)
    {
        OperationMap map = MapOf(hasVersions, "state");
        OperationCircuit batch = Open("map.batch", With(map));
        string[] keys = [.. Enumerable.Range(0, StateMap.MaxBatchKeys).Select(i => $"\"{i:x4}\"")];
        Assert.Equal("""{"status":"TooLong"}""", Do(batch, $$"""{"keys":["ff"],"values":["01"],"removed":[{{string.Join(',', keys)}}]}"""));
        Assert.Empty(Entries(map));
        Assert.Equal("""{"status":"Done"}""",
            Do(batch, $$"""{"keys":["ff"],"values":["01"],"removed":[{{string.Join(',', keys[1..])}}]}"""));
        Assert.Single(Entries(map));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_too_long_key_or_change_leaves_the_whole_map_batch_undone(bool hasVersions)
    {
        QueueChangeSink changes = Own(new QueueChangeSink(Queue("changes")));
        OperationMap map = MapOf(hasVersions, "state", changes);
        OperationCircuit batch = Open("map.batch", With(map));
        string key = new('0', 2 * (ByteMap.MaxKeyBytes + 1));
        string value = new('0', 2 * 65_536);
        Assert.Equal("""{"status":"TooLong"}""", Do(batch, $$"""{"keys":["01","{{key}}"],"values":["01","02"]}"""));
        Assert.Equal("""{"status":"TooLong"}""", Do(batch, $$"""{"keys":["01"],"values":["01"],"removed":["{{key}}"]}"""));
        Assert.Equal("""{"status":"TooLong"}""",
            Do(batch, $$"""{"keys":["01"],"values":["01"],"required":["{{key}}"],"required_versions":[0]}"""));
        Assert.Equal("""{"status":"TooLong"}""", Do(batch, $$"""{"keys":["01","02"],"values":["01","{{value}}"]}"""));
        Assert.Empty(Entries(map));

        // The next batch contains nothing of the refused batch.
        Assert.Equal("""{"status":"Done"}""", Do(batch, """{"keys":["03"],"values":["01"]}"""));
        Assert.Single(Entries(map));
    }

    [Fact]
    public void A_map_batch_on_a_full_disk_returns_Full_and_succeeds_when_space_is_free()
    {
        FullStorage storage = new();
        ByteMap map = Own(
            ByteMap.Open(Directory.Combine("maps", "small"),
                new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4_096, Storage = storage }));
        map.Put([1], [1]);
        OperationCircuit batch = Open("map.batch", With(OperationMap.Of(map)));
        string request = $$"""{"keys":["02","03"],"values":["02","{{new string('0', 2 * 30_000)}}"],"removed":["01"]}""";
        storage.IsFull = true;
        Assert.Equal("""{"status":"Full"}""", Do(batch, request));
        Assert.Equal(["01=01"], Entries(OperationMap.Of(map)));
        storage.IsFull = false;
        Assert.Equal("""{"status":"Done"}""", Do(batch, request));
        Assert.Equal(2, map.Count);
        Assert.False(map.ContainsKey([1]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Random_map_batches_equal_a_dictionary(bool hasVersions)
    {
        OperationMap map = MapOf(hasVersions, "state");
        OperationCircuit batch = Open("map.batch", With(map));
        Dictionary<int, int> model = [];
        Random random = new(7);
        int refused = 0;
        for (int round = 0; round < 500; round++)
        {
            int[] keys = [.. Enumerable.Range(0, 16)];
            random.Shuffle(keys);
            int puts = random.Next(5);
            int removes = random.Next(5);
            int absent = keys[random.Next(16)];
            string[] names = [.. keys.Select(key => $"\"{key:x2}\"")];
            string values = string.Join(',', Enumerable.Repeat($"\"{round:x4}\"", puts));
            string json =
                $$"""{"keys":[{{string.Join(',', names[..puts])}}],"values":[{{values}}],"removed":[{{string.Join(',', names[puts..(puts + removes)])}}],"required":["{{absent:x2}}"],"required_versions":[0]}""";
            bool isRefused = model.ContainsKey(absent);
            Assert.Equal(isRefused ? """{"status":"Conflict"}""" : """{"status":"Done"}""", Do(batch, json));
            refused += isRefused ? 1 : 0;
            for (int i = 0; !isRefused && i < puts + removes; i++)
            {
                if (i < puts)
                {
                    model[keys[i]] = round;
                }
                else
                {
                    model.Remove(keys[i]);
                }
            }

            string[] expected = [.. model.Select(one => $"{one.Key:X2}={one.Value:X4}").Order(StringComparer.Ordinal)];
            Assert.Equal(expected, Entries(map).Select(one => one.Split(' ')[0]));
        }

        Assert.InRange(refused, 1, 499);
    }
}
