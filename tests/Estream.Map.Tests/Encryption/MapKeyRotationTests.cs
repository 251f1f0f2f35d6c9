using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>New data keys and new master keys of encrypted byte maps.</summary>
public sealed class MapKeyRotationTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void New_entries_have_the_new_key_and_a_compaction_seals_all_others_with_it()
    {
        ByteMapOptions options = new() { SegmentBytes = 4096, Keys = TestRing.Shared };
        using ByteMap map = ByteMap.Open(_directory.Path, options);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, options);
        Fill(map);
        map.Put("large"u8, new byte[9_000]);
        Assert.Equal([2], Generations());
        Assert.Equal(3, map.RotateKey());
        map.Put("new"u8, "value"u8);
        Assert.Equal([2, 3], Generations());
        Assert.Equal([1, 2, 3], StoredKeys());
        Assert.Equal(12, reader.ToDictionary().Count);

        map.Compact();
        Assert.Equal([3], Generations());
        Assert.Equal([1, 3], StoredKeys());
        Assert.Equal(12, reader.ToDictionary().Count);
        Assert.True(reader.TryGet("large"u8, out byte[]? value) && value.Length == 9_000);
        map.Dispose();
        using ByteMap again = ByteMap.Open(_directory.Path, options);
        Assert.Equal(12, again.ToDictionary().Count);
    }

    [Fact]
    public void Writes_seal_entries_again_when_they_compact_the_map()
    {
        ByteMapOptions options = new() { SegmentBytes = 4096, Keys = TestRing.Shared };
        using ByteMap map = ByteMap.Open(_directory.Path, options);
        for (int number = 0; number < 200; number++)
        {
            map.Put(BitConverter.GetBytes(number), new byte[100]);
        }

        map.RotateKey();
        long passes = map.GetStatistics().Passes;
        for (int turn = 0; map.GetStatistics().Passes < passes + 30; turn++)
        {
            map.Put(BitConverter.GetBytes(turn % 100), new byte[100]);
        }

        Assert.Equal(200, map.ToDictionary().Count);
        map.Compact();
        Assert.Equal([1, 3], StoredKeys());
    }

    [Fact]
    public void A_snapshot_reads_entries_whose_key_was_erased()
    {
        ByteMapOptions options = new() { SegmentBytes = 4096, Keys = TestRing.Shared };
        using ByteMap map = ByteMap.Open(_directory.Path, options);
        Fill(map);
        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        map.RotateKey();
        map.Compact();
        Assert.Equal([1, 3], StoredKeys());
        Assert.True(snapshot.TryGet([3], out byte[]? value) && value.Length == 103);
    }

    /// <summary>A reader looks for the key of a segment while the writer releases the segment and erases the key.</summary>
    [Fact]
    public void A_reader_finds_an_entry_that_moves_to_another_key_while_it_is_looked_up()
    {
        ByteMapOptions options = new() { SegmentBytes = 4096, Keys = TestRing.Shared };
        using ByteMap map = ByteMap.Open(_directory.Path, options);
        Fill(map);
        InterruptedStorage storage = new();
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, options with { Storage = storage });
        map.RotateKey();
        map.Put("new"u8, "value"u8);
        int interruptions = 0;
        storage.BeforeKeysAreRead = () =>
        {
            if (interruptions++ == 0)
            {
                map.RotateKey();
                map.Compact();
            }
        };
        Assert.True(reader.TryGet("new"u8, out byte[]? value));
        Assert.Equal("value"u8, value);
        Assert.Equal(1, interruptions);
        Assert.Equal([1, 4], StoredKeys());
    }

    [Fact]
    public void After_rewrapping_the_old_master_key_is_not_needed()
    {
        using QueueKeyRing old = TestRing.Of("first");
        using QueueKeyRing both = TestRing.Of("second", "first");
        using QueueKeyRing next = TestRing.Of("second");
        using (ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { Keys = old }))
        {
            Fill(map);

            // Another process rewraps while the writer runs.
            using ByteMap other = ByteMap.OpenReadOnly(_directory.Path, new ByteMapOptions { Keys = both });
            Assert.Equal(2, other.RewrapKeys());
            map.Put("later"u8, "value"u8);
            Assert.Equal("second", Assert.Throws<EstreamKeyException>(() => map.RotateKey()).KeyId);
        }

        Assert.Equal("second", Assert.Throws<EstreamKeyException>(() =>
            ByteMap.Open(_directory.Path, new ByteMapOptions { Keys = old })).KeyId);
        using ByteMap again = ByteMap.Open(_directory.Path, new ByteMapOptions { Keys = next });
        Assert.Equal(11, again.ToDictionary().Count);
        Assert.Equal(3, again.RotateKey());
    }

    [Fact]
    public void A_rotation_survives_a_crash_before_its_first_entry()
    {
        KillableStorage storage = new();
        ByteMapOptions options = new() { Keys = TestRing.Shared, Storage = storage };
        ByteMap map = ByteMap.Open(_directory.Path, options);
        Fill(map);
        map.RotateKey();
        storage.Kill();
        using ByteMap again = ByteMap.Open(_directory.Path, options);
        again.Put("new"u8, "value"u8);
        Assert.Equal([2, 3], Generations());
        Assert.Equal(11, again.ToDictionary().Count);
    }

    [Fact]
    public void An_older_copy_of_the_key_file_is_reported_and_nothing_is_deleted()
    {
        ByteMapOptions options = new() { Keys = TestRing.Shared };
        byte[] older;
        using (ByteMap map = ByteMap.Open(_directory.Path, options))
        {
            Fill(map);
            older = File.ReadAllBytes(_directory.Combine("map.keys"));
            map.RotateKey();
            map.Put("new"u8, "value"u8);
        }

        byte[] newer = File.ReadAllBytes(_directory.Combine("map.keys"));
        File.WriteAllBytes(_directory.Combine("map.keys"), older);
        EstreamKeyException error = Assert.Throws<EstreamKeyException>(() => ByteMap.Open(_directory.Path, options));
        Assert.Contains("generation 3", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(_directory.Combine("map.keys"), newer);
        using ByteMap again = ByteMap.Open(_directory.Path, options);
        Assert.Equal(11, again.ToDictionary().Count);
    }

    private static void Fill(ByteMap map)
    {
        for (byte number = 0; number < 10; number++)
        {
            map.Put([number], new byte[100 + number]);
        }
    }

    /// <summary>Runs code before map.keys is read.</summary>
    private sealed class InterruptedStorage : PassThroughStorage
    {
        public Action? BeforeKeysAreRead { get; set; }

        public override MemoryRegion OpenRegion(string path, RegionAccess access)
        {
            if (Path.GetFileName(path) == "map.keys")
            {
                BeforeKeysAreRead?.Invoke();
            }

            return base.OpenRegion(path, access);
        }
    }

    private uint[] Generations() => [.. Directory.GetFiles(_directory.Path, "heap.*")
        .Select(file => BitConverter.ToUInt32(File.ReadAllBytes(file), SegmentLayout.KeyGeneration)).Distinct().Order()];

    private uint[] StoredKeys()
    {
        byte[] table = File.ReadAllBytes(_directory.Combine("map.keys"));
        return [.. Enumerable.Range(0, BitConverter.ToInt32(table, 32)).Select(key => BitConverter.ToUInt32(table, 64 + (128 * key)))];
    }
}
