using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>Byte maps of an earlier build, plain and with versions and expiry.</summary>
public sealed class ByteMapFilesTests
{
    private const int IndexBootId = 608;
    private const int BytesBootId = 584;

    private static readonly SteppingClock s_clock = new();

    [Fact]
    public void Closed_map_is_unchanged_and_writable()
    {
        using OldFiles files = OldFiles.Unpack(2, "bytemap-plain");
        Assert.True(Directory.GetFiles(files.Path, "heap.*").Length > 2);
        (long operations, long keys) = Reported(files);
        CheckReadOnlyThenWriting(files, operations, operations, keys, hostCrashed: false);
    }

    /// <summary>The writer died after it had moved all blocks out of a segment and before it released the segment.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Interrupted_compaction_pass_loses_nothing(bool isThisRun)
    {
        using OldFiles files = OldFiles.Unpack(2, "bytemap-killed-in-pass");
        if (isThisRun)
        {
            files.PretendThisRun("map.meta", IndexBootId);
            files.PretendThisRun("bytes.meta", BytesBootId);
        }

        Assert.True(File.Exists(Path.Combine(files.Path, "heap.0001")));
        (long operations, long keys) = Reported(files);

        // The compaction pass ran after a change that was applied but not reported.
        CheckReadOnlyThenWriting(files, operations, operations + 1, keys, hostCrashed: !isThisRun);
    }

    [Fact]
    public void Versioned_map_keeps_versions_and_expiry()
    {
        using OldFiles files = OldFiles.Unpack(2, "bytemap-versions");
        (long operations, long keys) = Reported(files);
        long highest = long.Parse(files.Report[^1].Split(' ')[5]);
        Assert.Throws<EstreamFormatException>(() => ByteMap.Open(files.Path));
        IReadOnlyDictionary<string, byte[]> before = files.Image();
        var options = new ByteMapOptions { Clock = s_clock };
        using (VersionedByteMap reader = VersionedByteMap.OpenReadOnly(files.Path, options))
        {
            AssertIs(reader, operations, keys, highest);
        }

        Assert.Equal(before.OrderBy(f => f.Key), files.Image().OrderBy(f => f.Key));
        using VersionedByteMap map = VersionedByteMap.Open(files.Path, options);
        AssertIs(map, operations, keys, highest);
        Assert.False(map.HostCrashed);
        byte[] key = ByteMapScript.KeyOf(MapScript.After(operations, keys).Keys.Min());
        Assert.True(map.TryGetVersion(key, out long version, out _));
        Assert.False(map.CompareExchange(key, version + 1, "new"u8, out _));
        Assert.True(map.CompareExchange(key, version, "new"u8, out long next));
        Assert.True(next > highest);
        for (long operation = operations + 1; operation <= operations + 500; operation++)
        {
            highest = Math.Max(highest, ByteMapScript.Apply(map, operation, keys));
        }

        AssertIs(map, operations + 500, keys, highest, but: key);
        using VersionedByteMap later = VersionedByteMap.OpenReadOnly(files.Path);
        foreach (VersionedByteMapEntry entry in later)
        {
            Assert.Equal(0, entry.ExpiresAt);
        }
    }

    private static (long Operations, long Keys) Reported(OldFiles files)
    {
        string[] words = files.Report[^1].Split(' ');
        return (long.Parse(words[1]), long.Parse(words[3]));
    }

    private static void CheckReadOnlyThenWriting(OldFiles files, long noted, long operations, long keys, bool hostCrashed)
    {
        IReadOnlyDictionary<string, byte[]> before = files.Image();
        using (ByteMap reader = ByteMap.OpenReadOnly(files.Path))
        {
            AssertIs(reader, operations, keys);
            Assert.Equal(noted, reader.UserWord(MapScript.DoneWord));
        }

        Assert.Equal(before.OrderBy(f => f.Key), files.Image().OrderBy(f => f.Key));
        using ByteMap map = ByteMap.Open(files.Path);
        AssertIs(map, operations, keys);
        Assert.Equal(hostCrashed, map.HostCrashed);
        for (long operation = operations + 1; operation <= operations + 500; operation++)
        {
            ByteMapScript.Apply(map, operation, keys);
        }

        AssertIs(map, operations + 500, keys);
        map.Compact();
        AssertIs(map, operations + 500, keys);
    }

    private static void AssertIs(ByteMap map, long operations, long keys)
    {
        Dictionary<long, long> model = MapScript.After(operations, keys);
        for (long number = 0; number < keys; number++)
        {
            byte[]? expected = model.TryGetValue(number, out long operation) ? ByteMapScript.ValueOf(operation) : null;
            map.TryGet(ByteMapScript.KeyOf(number), out byte[]? found);
            Assert.Equal(expected, found);
        }

        Assert.Equal(model.Count, map.Count);
        int enumerated = 0;
        foreach (ByteMapEntry _ in map)
        {
            enumerated++;
        }

        Assert.Equal(model.Count, enumerated);
    }

    private static void AssertIs(VersionedByteMap map, long operations, long keys, long highest, byte[]? but = null)
    {
        Dictionary<long, long> model = MapScript.After(operations, keys);
        Assert.Equal(operations, map.UserWord(MapScript.DoneWord));
        Assert.Equal(model.Count, map.Count);
        HashSet<long> versions = [];
        foreach ((long number, long operation) in model)
        {
            byte[] key = ByteMapScript.KeyOf(number);
            Assert.True(map.TryGet(key, out byte[]? value, out long version), $"key {number}");
            Assert.True(map.TryGetVersion(key, out long same, out long end) && same == version);
            Assert.InRange(version, 1, highest);
            Assert.True(versions.Add(version));
            if (but is null || !but.AsSpan().SequenceEqual(key))
            {
                Assert.Equal(ByteMapScript.ValueOf(operation), value);
                Assert.Equal(EndOf(operation), end);
            }
        }
    }

    private static long EndOf(long operation) =>
        MapScript.TimeToLiveOf(operation) is { } time ? s_clock.UtcNanos + (time.Ticks * TimeSpan.NanosecondsPerTick) : 0;
}
