using System.Text;
using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The refusals and requirements of a batch of a byte map. The batch is applied whole or not at all, also for keys with the same
/// hash.</summary>
public sealed class ByteMapBatchTests : IDisposable
{
    // All hashes are different, some are equal, or all are equal.
    private const ulong Alone = ulong.MaxValue;
    private const ulong Shared = 3;
    private const ulong Same = 0;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_batch_refuses_more_keys_than_its_capacity_and_invalid_calls()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(StateMap.MaxBatchKeys + 1));
        ByteMapBatch batch = map.CreateBatch(2);
        Assert.Throws<ArgumentException>(() => batch.Put(new byte[ByteMap.MaxKeyBytes + 1], default));
        Assert.Throws<ArgumentException>(() => batch.Put("a"u8, new byte[ByteMap.MaxValueBytes + 1]));
        Assert.Throws<ArgumentException>(() => batch.Remove(new byte[ByteMap.MaxKeyBytes + 1]));
        Assert.Throws<ArgumentException>(() => batch.Require(new byte[ByteMap.MaxKeyBytes + 1], default));
        Assert.Throws<ArgumentException>(() => batch.RequireAbsent(new byte[ByteMap.MaxKeyBytes + 1]));
        batch.Put("a"u8, "1"u8);
        batch.RequireAbsent("a"u8);
        batch.Remove("b"u8);
        Assert.Equal((2, 2), (batch.Count, batch.Capacity));
        Assert.Throws<InvalidOperationException>(() => batch.Put("c"u8, "1"u8));
        Assert.Throws<InvalidOperationException>(() => batch.Require("c"u8, "1"u8));
        Assert.Equal(2, batch.Count);
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Commit());
        Assert.Equal(0, map.Count);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
        Assert.Throws<InvalidOperationException>(() => reader.CreateBatch());
        ByteMapBatch late = map.CreateBatch();
        late.Put("a"u8, "1"u8);
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => late.Commit());
    }

    [Fact]
    public void A_batch_refuses_more_bytes_than_its_limit()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        using ByteMapBatch batch = map.CreateBatch();
        byte[] half = new byte[ByteMap.MaxValueBytes / 2];
        batch.Put("a"u8, half);
        string message = Assert.Throws<InvalidOperationException>(() => batch.Put("b"u8, half)).Message;
        Assert.Contains($"{ByteMap.MaxValueBytes}", message, StringComparison.Ordinal);
        Assert.Equal(1, batch.Count);

        // A replacement needs no more space.
        batch.Put("a"u8, half);
        batch.Put("b"u8, "2"u8);
        Assert.True(batch.Commit());
        Assert.Equal((2, half.Length), ((int)map.Count, map.TryGet("a"u8, out byte[]? found) ? found.Length : -1));
    }

    /// <summary>A long value, a short replacement and another long value take the space of one long value.</summary>
    [Fact]
    public void A_value_that_is_replaced_again_and_again_takes_its_space_once()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        using ByteMapBatch batch = map.CreateBatch();
        byte[] large = new byte[ByteMap.MaxValueBytes / 4];
        for (int turn = 0; turn < 6; turn++)
        {
            batch.Put("a"u8, large);
            batch.Put("a"u8, default);
            batch.Require("a"u8, "1"u8);
            batch.Require("a"u8, default);
        }

        batch.Put("a"u8, large);
        batch.Put("b"u8, "2"u8);
        Assert.Equal(2, batch.Count);
    }

    [Theory]
    [InlineData(Alone)]
    [InlineData(Shared)]
    [InlineData(Same)]
    public void Commit_changes_nothing_unless_every_requirement_holds(ulong mask)
    {
        using ByteMap map = Open(mask);
        map.Put("a"u8, "1"u8);
        map.Put("b"u8, ""u8);
        using ByteMapBatch batch = map.CreateBatch();
        foreach (Action<ByteMapBatch> require in new Action<ByteMapBatch>[]
        {
            each => each.Require("a"u8, "2"u8),
            each => each.Require("a"u8, ""u8),
            each => each.RequireAbsent("a"u8),
            each => each.RequireAbsent("b"u8),
            each => each.Require("c"u8, ""u8),
            each => each.Require("d"u8, "1"u8),
        })
        {
            batch.Clear();
            Fill(batch);
            require(batch);
            int count = batch.Count;
            Assert.False(batch.Commit());
            Assert.Equal(count, batch.Count);
            Assert.Equal("a=1 b=", Text(map));
        }

        batch.Clear();
        batch.Require("b"u8, "not this one"u8);
        Fill(batch);
        batch.Require("b"u8, ""u8);
        batch.Require("a"u8, "1"u8);
        batch.RequireAbsent("c"u8);
        batch.RequireAbsent("e"u8);
        Assert.True(batch.Commit());
        Assert.Equal(0, batch.Count);
        Assert.Equal("a=11 c=33", Text(map));
        Assert.True(batch.Commit());

        static void Fill(ByteMapBatch each)
        {
            each.Put("a"u8, "11"u8);
            each.Remove("b"u8);
            each.Put("c"u8, "3"u8);
            each.Put("c"u8, "33"u8);
            each.Put("d"u8, "4"u8);
            each.Remove("d"u8);
        }
    }

    /// <summary>Each kind of change of a group of keys with one hash, from every group size to every other.</summary>
    [Theory]
    [InlineData(Shared)]
    [InlineData(Same)]
    public void Keys_with_the_same_hash_are_added_and_removed_in_one_batch(ulong mask)
    {
        using ByteMap map = Open(mask);
        using ByteMapBatch batch = map.CreateBatch(64);
        Random random = new(7);
        Dictionary<string, byte[]> model = [];
        for (int round = 0; round < 300; round++)
        {
            for (int key = 0; key < 12; key++)
            {
                byte[] name = [(byte)key];
                switch (random.Next(3))
                {
                    case 0:
                        batch.Remove(name);
                        model.Remove(Convert.ToHexString(name));
                        break;
                    case 1:
                        model[Convert.ToHexString(name)] = new byte[random.Next(50)];
                        batch.Put(name, model[Convert.ToHexString(name)]);
                        break;
                    default:
                        // Adds a precondition on the value or the absence of the key. The batch does not change the key.
                        Require(batch, name, model);
                        break;
                }
            }

            Assert.True(batch.Commit());
            Assert.Equal(model.Count, map.Count);
            AssertSame(model, map);
        }

        Assert.Equal(map.Count, map.GetStatistics().Entries);
    }

    [Fact]
    public void Too_many_keys_with_one_hash_are_refused_and_nothing_changes()
    {
        using ByteMap map = Open(Same);
        using ByteMapBatch batch = map.CreateBatch(128);
        for (int key = 0; key < 65; key++)
        {
            batch.Put([(byte)key], [1]);
        }

        Assert.Throws<InvalidOperationException>(() => batch.Commit());
        Assert.Equal(0, map.Count);
        batch.Remove([3]);
        Assert.True(batch.Commit());
        Assert.Equal(64, map.Count);
    }

    [Fact]
    public void A_snapshot_contains_all_of_a_batch_or_nothing()
    {
        using ByteMap map = Open(Alone);
        using ByteMapBatch batch = map.CreateBatch(100);
        for (int round = 0; round < 50; round++)
        {
            using ByteMapSnapshot before = map.CreateSnapshot();
            long count = before.Count;
            for (int key = 0; key < 100; key++)
            {
                batch.Put(BitConverter.GetBytes(key), BitConverter.GetBytes(round));
            }

            Assert.True(batch.Commit());
            using ByteMapSnapshot after = map.CreateSnapshot();
            Assert.Equal((round == 0 ? 0 : 100, 100), (count, after.Count));
            Assert.Equal(round == 0 ? [] : [round - 1], Rounds(before));
            Assert.Equal([round], Rounds(after));
        }
    }

    [Fact]
    public void A_batch_too_large_for_the_disk_changes_nothing()
    {
        FullStorage storage = new();
        using ByteMap map =
            ByteMap.Open(_directory.Path, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4096, Storage = storage });
        map.Put("a"u8, "1"u8);
        using ByteMapBatch batch = map.CreateBatch();
        batch.Put("a"u8, new byte[3_000]);
        batch.Put("b"u8, new byte[30_000]);
        batch.Remove("c"u8);
        storage.IsFull = true;
        Assert.Throws<EstreamStorageException>(() => batch.Commit());
        Assert.Equal("a=1", Text(map));
        Assert.Equal(3, batch.Count);
        storage.IsFull = false;
        Assert.True(batch.Commit());
        Assert.Equal((2, 30_000), ((int)map.Count, map.TryGet("b"u8, out byte[]? found) ? found.Length : -1));
    }

    /// <summary>The bytes of a batch are accounted for: the live bytes equal the result of a full recount.</summary>
    [Theory]
    [InlineData(Alone)]
    [InlineData(Shared)]
    public void Batches_release_the_space_of_replaced_values(ulong mask)
    {
        using ByteMap map = Open(mask);
        using ByteMapBatch batch = map.CreateBatch(40);
        Random random = new(3);
        for (int round = 0; round < 500; round++)
        {
            for (int key = 0; key < 40; key++)
            {
                if (random.Next(4) == 0)
                {
                    batch.Remove([(byte)key]);
                }
                else
                {
                    batch.Put([(byte)key], new byte[random.Next(2_000)]);
                }
            }

            Assert.True(batch.Commit());
        }

        ByteMapStatistics statistics = map.GetStatistics();
        Assert.InRange(statistics.HeapBytes, 0, 40 * 2_100 * 10);
        for (int key = 0; key < 40; key++)
        {
            batch.Remove([(byte)key]);
        }

        Assert.True(batch.Commit());
        Assert.Equal((0, 0), (map.Count, map.GetStatistics().LiveBytes));
    }

    /// <summary>The index shrinks after the store that commits a batch. A failure there must not release blocks that the index already
    /// refers to.</summary>
    [Fact]
    public void A_failure_after_the_commit_store_takes_nothing_back()
    {
        const int Entries = 5_000;
        const int Part = 500;
        NoMemoryForTables storage = new();
        using ByteMap map =
            ByteMap.Open(_directory.Path, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4096, Storage = storage });
        for (int key = 0; key < Entries; key++)
        {
            map.Put(BitConverter.GetBytes(key), [1]);
        }

        using ByteMapBatch batch = map.CreateBatch(StateMap.MaxBatchKeys);
        storage.IsRefusing = true;
        for (int first = 0; first < Entries; first += Part)
        {
            for (int key = first; key < first + Part; key++)
            {
                batch.Remove(BitConverter.GetBytes(key));
            }

            byte[] large = new byte[30_000];
            large.AsSpan().Fill((byte)(1 + (first / Part)));
            batch.Put("large"u8, large);
            Assert.True(batch.Commit());
            Assert.True(map.TryGet("large"u8, out byte[]? found) && found.AsSpan().SequenceEqual(large));
            Assert.Equal(1 + Entries - first - Part, map.Count);
        }

        Assert.True(storage.Refused > 0);
        storage.IsRefusing = false;
        Assert.True(map.Remove("large"u8));
        Assert.Equal((0, 0), (map.Count, map.GetStatistics().LiveBytes));
    }

    /// <summary>A writer that dies after the store that commits a batch has counted none or only some of its changes. The recount of the
    /// next writer must equal the count made batch by batch.</summary>
    [Theory]
    [InlineData(Alone)]
    [InlineData(Shared)]
    [InlineData(Same)]
    public void Live_bytes_are_recounted_after_a_crash_in_a_batch(ulong mask)
    {
        (long Count, long LiveBytes) counted;
        using (ByteMap map = Open(mask))
        {
            using ByteMapBatch batch = map.CreateBatch(40);
            Random random = new(5);
            for (int round = 0; round < 100; round++)
            {
                for (int key = 0; key < 40; key++)
                {
                    if (random.Next(4) == 0)
                    {
                        batch.Remove([(byte)key]);
                    }
                    else
                    {
                        batch.Put([(byte)key], new byte[random.Next(2_000)]);
                    }
                }

                Assert.True(batch.Commit());
            }

            counted = (map.Count, map.GetStatistics().LiveBytes);
        }

        foreach (string file in Directory.GetFiles(_directory.Path, HeapFormat.SegmentPrefix + "*"))
        {
            using MemoryRegion segment = FileStorage.Instance.OpenRegion(file, RegionAccess.ReadWrite);
            segment.All.WriteInt64(SegmentLayout.LiveBytes, 8);
        }

        using (MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(HeapFormat.MetaFile), RegionAccess.ReadWrite))
        {
            meta.All.WriteInt64(ByteMetaLayout.Collisions, 1);
        }

        using ByteMap again = Open(mask);
        Assert.Equal(counted, (again.Count, again.GetStatistics().LiveBytes));
    }

    /// <summary>Each attempt to commit stores blocks, and releases none while a feed correction is pending. Repeated attempts must not fill
    /// the disk.</summary>
    [Theory]
    [InlineData(30_000, false)]
    [InlineData(30_000, true)]
    [InlineData(300, false)]
    [InlineData(300, true)]
    public void Repeated_refusals_of_a_sink_take_the_space_of_a_batch_once(int bytes, bool isFilledAgain)
    {
        RecordingSink sink = new();
        using ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4096, Changes = sink });
        map.Put("a"u8, "1"u8);
        using ByteMapBatch batch = map.CreateBatch();
        batch.Put("b"u8, new byte[bytes]);

        // The correction, a removal of "b", is accepted.
        sink.IsRefusingAllBut = MapChangeKind.Remove;
        for (int turn = 0; turn < 1_000; turn++)
        {
            Assert.Throws<EstreamStorageException>(() => batch.Commit());
            if (isFilledAgain)
            {
                batch.Clear();
                batch.Put("b"u8, new byte[bytes]);
            }
        }

        Assert.InRange(map.GetStatistics().HeapBytes, 0, 20 * (bytes + 4096));
        sink.IsRefusingAllBut = null;
        Assert.True(batch.Commit());
        Assert.True(map.TryGet("b"u8, out byte[]? found));
        Assert.Equal(bytes, found.Length);
    }

    [Fact]
    public void Filling_and_committing_a_byte_map_batch_allocate_nothing()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        using ByteMapBatch batch = map.CreateBatch();
        byte[] value = new byte[40];
        int turn = 0;
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            Span<byte> key = stackalloc byte[4];
            for (int number = 0; number < 8; number++)
            {
                BitConverter.TryWriteBytes(key, (turn + number) % 20);
                batch.Put(key, value);
            }

            BitConverter.TryWriteBytes(key, (turn++ + 9) % 20);
            batch.Remove(key);
            batch.Commit();
        });
        Assert.Equal(0, bytes);
    }

    private ByteMap Open(ulong mask) =>
        ByteMap.Open(_directory.Path, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4096, HashMask = mask });

    private sealed class NoMemoryForTables : PassThroughStorage
    {
        public bool IsRefusing { get; set; }

        public int Refused { get; private set; }

        public override MemoryRegion CreateRegion(string path, long length)
        {
            if (IsRefusing && Path.GetFileName(path).StartsWith("table.", StringComparison.Ordinal))
            {
                Refused++;
                throw new InsufficientMemoryException("No address space is left.");
            }

            return base.CreateRegion(path, length);
        }
    }

    private static void Require(ByteMapBatch batch, byte[] key, Dictionary<string, byte[]> model)
    {
        if (model.TryGetValue(Convert.ToHexString(key), out byte[]? value))
        {
            batch.Require(key, value);
        }
        else
        {
            batch.RequireAbsent(key);
        }
    }

    private static void AssertSame(Dictionary<string, byte[]> model, ByteMap map)
    {
        Dictionary<string, byte[]> found = map.ToDictionary();
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        Assert.All(model, pair => Assert.Equal(pair.Value, found[pair.Key]));
    }

    private static List<int> Rounds(ByteMapSnapshot snapshot)
    {
        HashSet<int> rounds = [];
        foreach (ByteMapEntry entry in snapshot)
        {
            rounds.Add(BitConverter.ToInt32(entry.Value));
        }

        return [.. rounds];
    }

    private static string Text(ByteMap map) => string.Join(
        ' ', map.ToDictionary()
            .Select(pair => $"{Encoding.UTF8.GetString(Convert.FromHexString(pair.Key))}={Encoding.UTF8.GetString(pair.Value)}")
            .Order(StringComparer.Ordinal));
}
