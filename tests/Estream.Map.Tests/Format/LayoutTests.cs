using System.Reflection;
using System.Runtime.InteropServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map.Tests;

/// <summary>Pins every offset and size of docs/formats/map.md. If one of these tests fails, old maps cannot be read any more: raise the
/// version.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void The_map_header_has_the_documented_layout()
    {
        Assert.Equal(2, MapFormat.Version);
        Assert.Equal("ESTRMMAP"u8, BitConverter.GetBytes(MapFormat.MetaMagic));
        AssertOffsets(typeof(MetaLayout), new()
        {
            ["Magic"] = 0, ["Version"] = 8, ["MetaBytes"] = 12, ["KeyBytes"] = 16, ["ValueBytes"] = 20, ["KeyShape"] = 24,
            ["ValueShape"] = 32,
            ["HashSeed"] = 40, ["HashKind"] = 48, ["Features"] = 52, ["CreatedTime"] = 56, ["KeyName"] = 64, ["ValueName"] = 160,
            ["NameBytes"] = 96, ["Checksum"] = 256, ["State"] = 512, ["WriterProcessId"] = 576, ["WriterStartTime"] = 584,
            ["WriterEpoch"] = 592, ["WriterState"] = 600, ["BootId"] = 608, ["BootIdBytes"] = 16, ["HostCrashed"] = 624,
            ["Takeovers"] = 632, ["UserWords"] = 640,
            ["UserWordCount"] = 8, ["Bytes"] = 4096, ["HashKindTwoMultiplications"] = 1, ["StateClosed"] = 0, ["StateOpen"] = 1,
            ["VersionFloor"] = 520, ["HasExpiring"] = 528, ["HasFeed"] = 536, ["SweptRuns"] = 704, ["RefusedTable"] = 720,
            ["LogsMade"] = 768, ["LeasedTable"] = 776, ["FeatureStamps"] = 1, ["FeatureBatches"] = 2,
        });
    }

    [Fact]
    public void The_table_header_has_the_documented_layout()
    {
        Assert.Equal("ESTRMTBL"u8, BitConverter.GetBytes(MapFormat.TableMagic));
        AssertOffsets(typeof(TableLayout), new()
        {
            ["Magic"] = 0, ["Version"] = 8, ["HeaderBytes"] = 12, ["Generation"] = 16, ["BucketCount"] = 24, ["BucketBytes"] = 32,
            ["SlotsPerBucket"] = 36, ["SlotBytes"] = 40, ["ValueOffset"] = 44, ["FirstSlotOffset"] = 48, ["JournalCount"] = 52,
            ["JournalOffset"] = 56, ["BucketsOffset"] = 64, ["HashSeed"] = 72, ["Checksum"] = 80, ["StripeBuckets"] = 88,
            ["StripesOffset"] = 96,
            ["FixedBytes"] = 128, ["OldCount"] = 256, ["SnapshotTime"] = 512, ["SnapshotUserWords"] = 520, ["HeaderPageBytes"] = 4096,
            ["JournalStart"] = 4096, ["JournalHeadBytes"] = 64,
            ["StripeHeadBytes"] = 64, ["StripeCount"] = 8, ["StripeState"] = 16, ["StripeBegun"] = 24, ["StripeVersion"] = 32,
            ["StripeFeedIntent"] = 40, ["StripeIsHere"] = 0, ["StripeMigrated"] = 1, ["StripeMigrationFlushed"] = 2,
        });
        Assert.Equal(4096, TableLayout.JournalsBytes(1, 8));
        Assert.Equal(4096, TableLayout.JournalsBytes(1, 4096 - 64));
        Assert.Equal(8192, TableLayout.JournalsBytes(1, 4096 - 63));
    }

    [Fact]
    public void The_batch_log_has_the_documented_layout()
    {
        Assert.Equal("ESTRMBAT"u8, BitConverter.GetBytes(BatchLayout.MagicValue));
        Assert.Equal(
            [0, 8, 12, 16, 64, 72, 80, 88, 96, 100, 104, 112, 128],
            [BatchLayout.Magic, BatchLayout.Version, BatchLayout.EntryBytes, BatchLayout.HashSeed, BatchLayout.Committed,
                BatchLayout.HasFeedIntents, BatchLayout.Generation, BatchLayout.MapEpoch, BatchLayout.Count, BatchLayout.Checksum,
                BatchLayout.Turn, BatchLayout.Announced, BatchLayout.HeaderBytes]);
        Assert.Equal((0, 8, 1, 2), (BatchLayout.KindOffset, BatchLayout.KeyOffset, BatchLayout.KindPut, BatchLayout.KindRemove));
        Assert.Equal((1024, 16 << 20), (BatchLayout.MaxEntries, BatchLayout.MaxBytes));
        Assert.Equal(("batches/007", 7, -1, -1),
            (BatchLayout.File(7), BatchLayout.SlotOf("007"), BatchLayout.SlotOf("7"), BatchLayout.SlotOf("0x7")));
        Assert.Equal((16, 24, 128 + (2 * 24)),
            (BatchEntry<long, long>.ValueOffset, BatchEntry<long, long>.Bytes, (int)BatchEntry<long, long>.OffsetOf(2)));
        Assert.Equal((16, 24), (BatchEntry<byte, short>.ValueOffset, BatchEntry<byte, short>.Bytes));
        Assert.Equal((24, 40), (BatchEntry<Guid, Guid>.ValueOffset, BatchEntry<Guid, Guid>.Bytes));
    }

    [Fact]
    public void The_undo_journal_has_the_documented_layout()
    {
        Assert.Equal(64, RawValue.SizeOf<JournalHead>());
        Assert.Equal(0, Marshal.OffsetOf<JournalHead>(nameof(JournalHead.Sequence)));
        Assert.Equal(8, Marshal.OffsetOf<JournalHead>(nameof(JournalHead.Kind)));
        Assert.Equal(12, Marshal.OffsetOf<JournalHead>(nameof(JournalHead.Slot)));
        Assert.Equal(16, Marshal.OffsetOf<JournalHead>(nameof(JournalHead.Bucket)));
        Assert.Equal(24, Marshal.OffsetOf<JournalHead>(nameof(JournalHead.Control)));
        Assert.Equal(32, Marshal.OffsetOf<JournalHead>(nameof(JournalHead.CountBefore)));
        Assert.Equal(40, Marshal.OffsetOf<JournalHead>(nameof(JournalHead.CountAfter)));
        Assert.Equal([0, 1, 2], Enum.GetValues<JournalKind>().Select(kind => (int)kind));
    }

    [Fact]
    public void A_versioned_value_has_the_documented_layout()
    {
        VersionedValue<long> value = new() { Version = 1, ExpiresAt = 2, Value = 3 };
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0], RawValue.AsBytes(in value).ToArray());
    }

    [Fact]
    public void The_control_word_has_the_documented_layout()
    {
        Assert.Equal(0x2, ControlWord.Take(0, 0) & 0xFFFFFF);
        Assert.Equal(0x2000, ControlWord.Take(0, 6) & 0xFFFFFF);
        Assert.Equal(0x1, ControlWord.BeginValue(0) & 0xFFFFFF);
        Assert.Equal(0x10000, ControlWord.AddOverflow(0) & 0xFFFFFF);
        Assert.Equal(1L << 24, ControlWord.VersionStep);
        Assert.Equal(0x2AAAu, ControlWord.TakenMask);
    }

    [Fact]
    public void Slots_in_buckets_have_the_documented_layout()
    {
        AssertSlots<byte, byte>(slotBytes: 2, valueOffset: 1, slots: 7, bucketBytes: 64);
        AssertSlots<int, int>(slotBytes: 8, valueOffset: 4, slots: 7, bucketBytes: 64);
        AssertSlots<long, long>(slotBytes: 16, valueOffset: 8, slots: 3, bucketBytes: 64);
        AssertSlots<int, long>(slotBytes: 16, valueOffset: 8, slots: 3, bucketBytes: 64);
        AssertSlots<long, byte>(slotBytes: 16, valueOffset: 8, slots: 3, bucketBytes: 64);
        AssertSlots<long, Guid>(slotBytes: 24, valueOffset: 8, slots: 2, bucketBytes: 64);
        AssertSlots<Guid, Guid>(slotBytes: 32, valueOffset: 16, slots: 3, bucketBytes: 128);
        AssertSlots<Guid, long>(slotBytes: 24, valueOffset: 16, slots: 2, bucketBytes: 64);
        AssertSlots<Utf8Key64, long>(slotBytes: 80, valueOffset: 72, slots: 1, bucketBytes: 96);
        AssertSlots<Utf8Key64, LatestEntry>(slotBytes: 320, valueOffset: 72, slots: 1, bucketBytes: 336);
    }

    [Fact]
    public void The_files_of_a_new_map_have_the_documented_offsets()
    {
        using Testing.TempDirectory directory = new();
        using (StateMap<long, long> map = StateMap.Open<long, long>(directory.Path, new MapOptions { InitialCapacity = 0 }))
        {
            map.Put(0x1122334455667788, 0x0102030405060708);
            map.SetUserWord(1, -2);
        }

        byte[] meta = File.ReadAllBytes(directory.Combine("map.meta"));
        byte[] table = File.ReadAllBytes(directory.Combine("table.0001"));
        Assert.Equal(4096, meta.Length);
        Assert.Equal(4096 + 4096 + 4096 + (64 * 64), table.Length);
        Assert.Equal(2, BitConverter.ToInt64(meta, 512));
        Assert.Equal(Environment.ProcessId, BitConverter.ToInt64(meta, 576));
        Assert.Equal(-2, BitConverter.ToInt64(meta, 648));
        Assert.Equal(64, BitConverter.ToInt64(table, 88));
        Assert.Equal(8192, BitConverter.ToInt64(table, 96));
        Assert.Equal(1, BitConverter.ToInt64(table, 8192 + 8));
        int bucket = Enumerable.Range(0, 64).Select(b => 12288 + (b * 64)).Single(o => BitConverter.ToInt64(table, o) != 0);
        Assert.Equal((1L << 24) | 2, BitConverter.ToInt64(table, bucket));
        Assert.Equal(0x1122334455667788, BitConverter.ToInt64(table, bucket + 8));
        Assert.Equal(0x0102030405060708, BitConverter.ToInt64(table, bucket + 16));
    }

    [Fact]
    public void Stripes_have_the_documented_layout()
    {
        AssertStripes<long, long>(64, stripeBuckets: 64, bucketsOffset: 12288);
        AssertStripes<long, long>(1 << 20, stripeBuckets: 1024, bucketsOffset: 8192 + (1024 * 64));
        AssertStripes<Utf8Key64, LatestEntry>(1 << 20, stripeBuckets: 128, bucketsOffset: 8192 + (8192 * 64));
        AssertStripes<long, TypeShapeTests.Kilobytes>(1 << 10, stripeBuckets: 64, bucketsOffset: 4096 + 16384 + 4096 + 4096);
    }

    [Fact]
    public void Public_key_and_entry_types_have_no_padding()
    {
        Assert.Equal(72, RawValue.SizeOf<Utf8Key64>());
        Assert.Equal(248, RawValue.SizeOf<LatestEntry>());
        Assert.Equal(0, TypeShape.Of<Utf8Key64>().PaddingBytes);
        Assert.Equal(0, TypeShape.Of<LatestEntry>().PaddingBytes);
        Assert.True(Utf8Key64.TryCreate("ab"u8, out Utf8Key64 key));
        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 0, (byte)'a', (byte)'b', 0], RawValue.AsBytes(in key)[..11].ToArray());
        LatestEntry entry = LatestEntry.Create(1, 2, 3, [9]);
        byte[] bytes = RawValue.AsBytes(in entry).ToArray();
        Assert.Equal([1, 2, 3, 1], Enumerable.Range(0, 4).Select(i => BitConverter.ToInt64(bytes, i * 8)));
        Assert.Equal(9, bytes[32]);
    }

    private static void AssertSlots<TKey, TValue>(int slotBytes, int valueOffset, int slots, int bucketBytes)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        Assert.Equal(8, SlotLayout<TKey, TValue>.FirstSlotOffset);
        Assert.Equal(slotBytes, SlotLayout<TKey, TValue>.SlotBytes);
        Assert.Equal(valueOffset, SlotLayout<TKey, TValue>.ValueOffset);
        Assert.Equal(slots, SlotLayout<TKey, TValue>.SlotsPerBucket);
        Assert.Equal(bucketBytes, SlotLayout<TKey, TValue>.BucketBytes);
        Assert.True(SlotLayout<TKey, TValue>.ValueAt(slots - 1) + SlotLayout<TKey, TValue>.ValueBytes <= bucketBytes);
    }

    private static void AssertStripes<TKey, TValue>(long buckets, long stripeBuckets, long bucketsOffset)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        TablePlan plan = TableShape.Of<TKey, TValue>().Plan(MapFormat.Version, buckets);
        Assert.Equal((stripeBuckets, bucketsOffset), (plan.StripeBuckets, plan.BucketsOffset));
        Assert.Equal(buckets, plan.StripeCount * plan.StripeBuckets);
    }

    // Every constant of the layout must be in the table, so that a new one cannot be added without being pinned.
    private static void AssertOffsets(Type layout, Dictionary<string, int> expected)
    {
        Dictionary<string, int> actual = layout.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .ToDictionary(field => field.Name, field => Convert.ToInt32(field.GetRawConstantValue()));
        Assert.Equal(expected.OrderBy(pair => pair.Key), actual.OrderBy(pair => pair.Key));
    }
}
