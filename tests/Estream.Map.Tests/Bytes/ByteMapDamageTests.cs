using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Damage is reported with its location and stays local: other entries remain readable. Foreign files are left alone.</summary>
public sealed class ByteMapDamageTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(BlockLayout.Checksum)]
    [InlineData(BlockLayout.KeyBytesAndKind)]
    [InlineData(BlockLayout.KeyBytesAndKind + 3)]
    [InlineData(BlockLayout.ValueBytes)]
    [InlineData(BlockLayout.ValueBytes + 3)]
    [InlineData(BlockLayout.Extras)]
    [InlineData(BlockLayout.HeaderBytes)]
    [InlineData(BlockLayout.HeaderBytes + 20)]
    public void A_changed_byte_of_an_entry_is_reported_and_other_entries_stay_readable(int place)
    {
        Make();
        Change(HeapFormat.SegmentFile(1), SegmentLayout.BlocksStart + place, b => (byte)(b ^ 0x40));
        using (ByteMap reader = ByteMap.OpenReadOnly(_directory.Path))
        {
            AssertDamaged(() => reader.TryGet("first"u8, out byte[]? _));
            Assert.True(reader.TryGet("second"u8, out byte[]? value) && value.Length == 50);

            // The file is open now, so this get takes the fast path.
            AssertDamaged(() => reader.TryGet("first"u8, new byte[200], out _));
            Assert.True(reader.TryGet("second"u8, value, out int length).IsOk && length == 50);
        }

        // A compaction keeps unreadable entries and all others.
        using ByteMap map = ByteMap.Open(_directory.Path);
        map.Compact();
        AssertDamaged(() => map.TryGet("first"u8, out byte[]? _));
        Assert.True(map.TryGet("second"u8, out _));
        using ByteMap.Enumerator entries = map.GetEnumerator();
        int met = 0;
        bool isDamageMet = false;
        for (int step = 0; step < 4; step++)
        {
            try
            {
                met += entries.MoveNext() ? 1 : 0;
            }
            catch (EstreamCorruptionException)
            {
                isDamageMet = true;
            }
        }

        Assert.True(isDamageMet);
        Assert.Equal(1, met);
    }

    [Fact]
    public void A_missing_file_is_reported_as_damage_of_its_entries()
    {
        Make();
        File.Delete(_directory.Combine(HeapFormat.SegmentFile(1)));
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
        AssertDamaged(() => reader.ContainsKey("first"u8));
        using ByteMap map = ByteMap.Open(_directory.Path);
        AssertDamaged(() => map.Put("first"u8, "x"u8));
        Assert.True(map.Put("third"u8, "x"u8));
        map.Clear();
        Assert.True(map.Put("first"u8, "x"u8));
    }

    [Fact]
    public void A_missing_file_removes_only_its_own_entries_of_keys_with_one_hash()
    {
        ByteMapOptions colliding = new() { HashMask = 0 };
        using (ByteMap map = ByteMap.Open(_directory.Path, colliding))
        {
            map.Put("a"u8, "1"u8);
            map.Put("b"u8, "2"u8);
            map.Put("alone in its file"u8, new byte[HeapFormat.FirstSegmentBytes]);
        }

        File.Delete(_directory.Combine(HeapFormat.SegmentFile(2)));
        using ByteMap again = ByteMap.Open(_directory.Path, colliding);
        again.Compact();
        Assert.True(again.TryGet("a"u8, out byte[]? first) && first.AsSpan().SequenceEqual("1"u8));
        Assert.True(again.TryGet("b"u8, out byte[]? second) && second.AsSpan().SequenceEqual("2"u8));
        AssertDamaged(() => again.TryGet("alone in its file"u8, out byte[]? _));
    }

    [Theory]
    [InlineData(HeapFormat.MetaFile, ByteMetaLayout.HashKey)]
    [InlineData(HeapFormat.MetaFile, ByteMetaLayout.Magic)]
    [InlineData("heap.0001", SegmentLayout.Magic)]
    [InlineData("heap.0001", SegmentLayout.FileBytes)]
    [InlineData("heap.0001", SegmentLayout.Id)]
    [InlineData("heap.0001", SegmentLayout.Tail)]
    public void A_writer_reports_a_changed_header_as_damage(string file, int offset)
    {
        Make();
        Change(file, offset, b => (byte)(b ^ 0x11));
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(() => ByteMap.Open(_directory.Path));
        Assert.Equal(_directory.Combine(file), error.Path);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HeapFormat.MetaFile, ByteMetaLayout.Version)]
    [InlineData("heap.0001", SegmentLayout.Version)]
    public void Files_of_a_later_version_are_refused(string file, int offset)
    {
        Make();
        Change(file, offset, b => (byte)(b + 1));
        EstreamException error = Assert.ThrowsAny<EstreamException>(() => ByteMap.Open(_directory.Path));
        Assert.IsType<EstreamFormatException>(error);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_with_a_lost_head_is_not_opened_as_a_new_map()
    {
        Make();
        byte[] index = File.ReadAllBytes(_directory.Combine(MapFormat.MetaFile));
        File.Delete(_directory.Combine(MapFormat.MetaFile));
        AssertDamaged(() => ByteMap.Open(_directory.Path));
        File.WriteAllBytes(_directory.Combine(MapFormat.MetaFile), index);
        File.Delete(_directory.Combine(HeapFormat.MetaFile));
        AssertDamaged(() => ByteMap.Open(_directory.Path));
        Assert.Throws<EstreamStorageException>(() => ByteMap.OpenReadOnly(_directory.Path));
    }

    [Fact]
    public void Maps_of_the_other_kind_are_refused_in_both_directions()
    {
        Make();
        Assert.Throws<EstreamFormatException>(() => StateMap.Open<long, long>(_directory.Path));
        Assert.Throws<EstreamFormatException>(() => StateMap.OpenReadOnly<ulong, ulong>(_directory.Path));
        using TempDirectory other = new();
        StateMap.Open<long, long>(other.Path).Dispose();
        Assert.Throws<EstreamFormatException>(() => ByteMap.Open(other.Path));
    }

    [Fact]
    public void Files_with_a_similar_name_are_left_alone()
    {
        string[] names = ["heap.csv", "heap.12", "heap.00001", "heap.0001.bak", "spare.parts", "spare.00002"];
        foreach (string name in names)
        {
            File.WriteAllText(_directory.Combine(name), "mine");
        }

        Make();
        using ByteMap map = ByteMap.Open(_directory.Path);
        map.Clear();
        Assert.All(names, name => Assert.Equal("mine", File.ReadAllText(_directory.Combine(name))));
    }

    [Fact]
    public void Files_and_counts_left_by_a_dead_writer_are_repaired()
    {
        ByteMapOptions colliding = new() { HashMask = 0 };
        using (ByteMap map = ByteMap.Open(_directory.Path, colliding))
        {
            map.Put("a"u8, "1"u8);
            map.Put("b"u8, "2"u8);
            map.Put("c"u8, "3"u8);
        }

        // The writer was killed while it changed the number of collisions, and a file that is not a segment is present.
        Change(HeapFormat.MetaFile, ByteMetaLayout.Collisions, _ => 1);
        File.WriteAllBytes(_directory.Combine("spare.0007"), new byte[4096]);
        using ByteMap again = ByteMap.Open(_directory.Path, colliding);
        Assert.Equal(3, again.Count);
        Assert.Empty(Directory.GetFiles(_directory.Path, "spare.*"));
    }

    /// <summary>All entries are recounted after a crash in a batch. A collision list that refers to other lists would keep the recount busy
    /// forever, and a list that refers to itself would end the process.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_recount_does_not_follow_a_bundle_that_refers_to_bundles(bool isChecked)
    {
        ByteMapOptions colliding = new() { HashMask = 1 };
        using (ByteMap map = ByteMap.Open(_directory.Path, colliding))
        {
            for (byte key = 0; key < 20; key++)
            {
                map.Put([key], [key]);
            }
        }

        BlockRef[] roots;
        using (StateMap<nuint, nuint> index = StateMap.OpenReadOnly<nuint, nuint>(_directory.Path))
        {
            roots = [.. index.Select(pair => new BlockRef(pair.Value))];
        }

        Assert.Equal(2, roots.Count(root => root.IsList));
        string file = _directory.Combine(HeapFormat.SegmentFile(roots[0].Segment));
        byte[] heap = File.ReadAllBytes(file);
        Span<byte> block = heap.AsSpan((int)roots[0].Offset);
        int bytes = BitConverter.ToInt32(block[BlockLayout.ValueBytes..]);
        for (int member = 0; member < BlockRefList.CountOf(block.Slice(BlockLayout.HeaderBytes, bytes)); member++)
        {
            BlockRefList.Set(block[BlockLayout.HeaderBytes..], member, roots[1]);
        }

        if (isChecked)
        {
            uint checksum = Crc32C.Compute(block[BlockLayout.KeyBytesAndKind..(BlockLayout.HeaderBytes + bytes)]);
            Assert.True(BitConverter.TryWriteBytes(block[BlockLayout.Checksum..], checksum));
        }

        File.WriteAllBytes(file, heap);
        Change(HeapFormat.MetaFile, ByteMetaLayout.Collisions, b => (byte)(b | 1));
        using ByteMap again = ByteMap.Open(_directory.Path, colliding);
        Assert.InRange(again.Count, 2, 20);
        Assert.InRange(again.GetStatistics().LiveBytes, 0, 20 * (24 + 16 + 8));
    }

    private void Make()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        map.Put("first"u8, new byte[50]);
        map.Put("second"u8, new byte[50]);
    }

    private void Change(string file, int offset, Func<byte, byte> change)
    {
        byte[] content = File.ReadAllBytes(_directory.Combine(file));
        content[offset] = change(content[offset]);
        File.WriteAllBytes(_directory.Combine(file), content);
    }

    private static void AssertDamaged(Func<object?> action)
    {
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(action);
        Assert.NotNull(error.Path);
        Assert.Contains(error.Path, error.Message, StringComparison.Ordinal);
    }
}
