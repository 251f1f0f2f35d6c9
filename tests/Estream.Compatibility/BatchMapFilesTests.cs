using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>A map of an earlier build whose writer was killed when a batch was partly applied.</summary>
public sealed class BatchMapFilesTests
{
    private const int BootId = 608;

    [Fact]
    public void Readers_see_old_or_new_values_and_the_next_writer_completes_the_batch()
    {
        using OldFiles files = OldFiles.Unpack(2, "map-killed-in-batch");
        long[] seen;
        using (StateMap<long, Block> reader = StateMap.OpenReadOnly<long, Block>(files.Path))
        {
            Assert.All(reader, pair => Assert.True(pair.Value.IsWhole));
            seen = [.. reader.Select(pair => pair.Value.Operation).Distinct().Order()];
            Assert.Equal((2, seen[0] + 1), (seen.Length, seen[1]));
        }

        // Makes the writer look as if it had died on this machine.
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
    public void Opening_after_a_machine_restart_keeps_the_values_of_the_files_and_reports_HostCrashed()
    {
        using OldFiles files = OldFiles.Unpack(2, "map-killed-in-batch");
        using StateMap<long, Block> map = StateMap.Open<long, Block>(files.Path);
        Assert.True(map.HostCrashed);
        Assert.Equal(2, map.Select(pair => pair.Value.Operation).Distinct().Count());
        Assert.Empty(Directory.GetFiles(Path.Combine(files.Path, "batches")));
    }
}
