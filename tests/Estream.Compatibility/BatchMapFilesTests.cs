using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>A map whose writer was killed when some keys of a batch had their new values and others had not, as an earlier build left
/// it.</summary>
public sealed class BatchMapFilesTests
{
    private const int BootId = 608;

    [Fact]
    public void Readers_see_each_key_as_it_was_or_is_to_be_and_the_next_writer_makes_the_rest()
    {
        using OldFiles files = OldFiles.Unpack(2, "map-killed-in-batch");
        long[] seen;
        using (StateMap<long, Block> reader = StateMap.OpenReadOnly<long, Block>(files.Path))
        {
            Assert.All(reader, pair => Assert.True(pair.Value.IsWhole));
            seen = [.. reader.Select(pair => pair.Value.Operation).Distinct().Order()];
            Assert.Equal((2, seen[0] + 1), (seen.Length, seen[1]));
        }

        // As if it had died on this machine.
        files.PretendThisRun("map.meta", BootId);
        using StateMap<long, Block> map = StateMap.Open<long, Block>(files.Path);
        Assert.Equal(Enumerable.Repeat(seen[1], MapScript.BatchKeys), map.Select(pair => pair.Value.Operation));
        Assert.Equal(MapScript.BatchKeys, map.Count);
        Assert.False(map.HostCrashed);
        using MapBatch<long, Block> batch = map.CreateBatch();
        batch.Require(0, Block.Of(seen[1]));
        batch.Put(0, Block.Of(0));
        Assert.True(batch.Commit());
    }

    [Fact]
    public void On_another_machine_it_is_what_the_files_say_and_the_map_says_so()
    {
        using OldFiles files = OldFiles.Unpack(2, "map-killed-in-batch");
        using StateMap<long, Block> map = StateMap.Open<long, Block>(files.Path);
        Assert.True(map.HostCrashed);
        Assert.Equal(2, map.Select(pair => pair.Value.Operation).Distinct().Count());
        Assert.Empty(Directory.GetFiles(Path.Combine(files.Path, "batches")));
    }
}
