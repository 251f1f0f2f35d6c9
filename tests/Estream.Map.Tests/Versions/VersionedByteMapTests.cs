using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Byte maps whose entries have versions and may expire.</summary>
public sealed class VersionedByteMapTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_byte_map_and_a_versioned_byte_map_are_not_interchangeable()
    {
        Open().Dispose();
        Assert.Contains("VersionedByteMap", Assert.Throws<EstreamFormatException>(() => ByteMap.Open(_directory.Path)).Message,
            StringComparison.Ordinal);
        Assert.Throws<EstreamFormatException>(() => ByteMap.OpenReadOnly(_directory.Path));
        Assert.Throws<EstreamFormatException>(() => StateMap.Open<long, long>(_directory.Path));
        Open().Dispose();
        using TempDirectory plain = new();
        ByteMap.Open(plain.Path).Dispose();
        Assert.Contains("with ByteMap", Assert.Throws<EstreamFormatException>(() => VersionedByteMap.Open(plain.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Applied_changes_keep_version_and_expiry_and_later_versions_are_higher()
    {
        using VersionedByteMap map = Open();
        long later = _clock.UtcNanos + 1_000_000_000;
        map.Apply(new MapChange(MapChangeKind.Put, "a"u8, "1"u8, version: 70, expiresAt: later));
        map.Apply(new MapChange(MapChangeKind.Put, "a"u8, "old"u8, version: 69));
        Assert.True(map.TryGet("a"u8, out byte[]? value, out long version) && value[0] == '1' && version == 70);
        Assert.True(map.TryGetVersion("a"u8, out _, out long expiresAt) && expiresAt == later);

        // A new expiry keeps the version.
        map.Apply(new MapChange(MapChangeKind.Put, "a"u8, "1"u8, version: 70));
        Assert.True(map.TryGetVersion("a"u8, out _, out expiresAt) && expiresAt == 0);
        Assert.Equal(71, map.Put("b"u8, "2"u8));

        map.Apply(new MapChange(MapChangeKind.Remove, "a"u8, default));
        map.Apply(new MapChange(MapChangeKind.Expire, "missing"u8, default));
        Assert.False(map.ContainsKey("a"u8));
        map.Apply(new MapChange(MapChangeKind.Clear, default, default));
        Assert.Equal(0, map.Count);
        Assert.Throws<ArgumentException>(() => map.Apply(new MapChange(MapChangeKind.Put, "c"u8, "3"u8)));
    }

    [Fact]
    public void An_applied_entry_that_expires_is_removed_by_later_changes()
    {
        using VersionedByteMap map = Open();
        map.Apply(new MapChange(MapChangeKind.Put, "a"u8, "1"u8, version: 1, expiresAt: _clock.UtcNanos + 1_000_000_000));
        Assert.True(map.ContainsKey("a"u8));
        _clock.Pass(s_second + s_second);
        Assert.False(map.ContainsKey("a"u8));
        Assert.Equal(1, map.RemoveExpired());
    }

    [Fact]
    public void Invalid_arguments_throw_and_change_nothing()
    {
        VersionedByteMap map = Open();
        long version = map.Put("a"u8, "1"u8);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Put("a"u8, "2"u8, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Touch("a"u8, -s_second));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CompareExchange("a"u8, -1, "2"u8, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Remove("a"u8, 0));
        Assert.Throws<ArgumentException>(() => map.Put(new byte[ByteMap.MaxKeyBytes + 1], default));
        Assert.Throws<ArgumentException>(() => map.Put("a"u8, new byte[VersionedByteMap.MaxValueBytes + 1]));
        Assert.True(map.TryGet("a"u8, out byte[]? value, out long same) && value[0] == '1' && same == version);
        using (VersionedByteMap reader = VersionedByteMap.OpenReadOnly(_directory.Path))
        {
            Assert.Throws<InvalidOperationException>(() => reader.Put("a"u8, "2"u8));
            Assert.Throws<InvalidOperationException>(() => reader.RemoveExpired());
            Assert.Throws<InvalidOperationException>(() => reader.CreateSnapshot());
            Assert.True(reader.IsReadOnly && !map.IsReadOnly);
        }

        map.Dispose();
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.Put("a"u8, "2"u8));
        Assert.Throws<ObjectDisposedException>(() => map.TryGet("a"u8, out _, out _));
    }

    [Fact]
    public void A_full_disk_is_reported_and_nothing_changes()
    {
        FullStorage storage = new();
        using VersionedByteMap map =
            VersionedByteMap.Open(_directory.Path, new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 4096, Storage = storage });
        long version = map.Put("a"u8, "1"u8);
        storage.IsFull = true;
        Assert.Throws<EstreamStorageException>(() => map.Put("a"u8, new byte[100_000]));
        Assert.Throws<EstreamStorageException>(() => map.CompareExchange("a"u8, version, new byte[100_000], out _));
        Assert.True(map.TryGetVersion("a"u8, out long same, out _) && same == version);
    }

    /// <summary>If the damage made an entry look expired, its checksum would never be verified.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(500_000)]
    public void A_damaged_expiry_is_reported_as_damage_and_not_as_an_expired_entry(int valueBytes)
    {
        using (VersionedByteMap map = Open())
        {
            map.Put("a"u8, new byte[valueBytes]);
        }

        string heap = _directory.Combine(HeapFormat.SegmentFile(1));
        byte[] bytes = File.ReadAllBytes(heap);
        int end = SegmentLayout.BlocksStart + BlockLayout.HeaderBytes + 1 + sizeof(long);
        Assert.Equal(0, bytes[end]);
        bytes[end] = 1;
        File.WriteAllBytes(heap, bytes);
        using VersionedByteMap damaged = Open();
        Assert.Throws<EstreamCorruptionException>(() => damaged.TryGet("a"u8, out _, out _));
        Assert.Throws<EstreamCorruptionException>(() => damaged.ContainsKey("a"u8));
        Assert.Throws<EstreamCorruptionException>(() => damaged.Touch("a"u8, null));
        Assert.Throws<EstreamCorruptionException>(() => damaged.Put("a"u8, "2"u8));
        Assert.Equal(0, damaged.RemoveExpired());
        Assert.Equal(1, damaged.Count);
    }

    [Fact]
    public void Only_the_current_version_can_be_changed_and_no_key_gets_a_version_twice()
    {
        using VersionedByteMap map = Open();
        Assert.True(map.CompareExchange("a"u8, 0, "1"u8, out long first));
        Assert.False(map.CompareExchange("a"u8, 0, "2"u8, out long seen));
        Assert.Equal(first, seen);
        Assert.True(map.CompareExchange("a"u8, first, "3"u8, out long second));
        Assert.False(map.CompareExchange("a"u8, first, "4"u8, out seen));
        Assert.Equal(second, seen);
        Assert.False(map.CompareExchange("b"u8, second, "4"u8, out seen));
        Assert.Equal(0, seen);
        Assert.False(map.Remove("a"u8, first));
        Assert.True(map.Remove("a"u8, second));
        Assert.False(map.Remove("a"u8));
        long third = map.Put("a"u8, default);
        map.Clear();
        long fourth = map.Put("a"u8, default);
        Assert.True(first < second && second < third && third < fourth);
        Span<byte> room = stackalloc byte[3];
        Assert.True(map.TryGet("a"u8, room, out int length, out seen).IsOk && length == 0 && seen == fourth);
        map.Put("a"u8, "12345"u8);
        Assert.True(map.TryGet("a"u8, room, out length, out seen).IsFull && length == 5 && seen > fourth);
        Assert.True(map.TryGet("b"u8, room, out length, out seen).IsNotFound && length == 0 && seen == 0);
    }

    [Fact]
    public void Versions_continue_after_closing_a_crash_and_a_power_cut()
    {
        PowerCutStorage power = new();
        long last;
        using (VersionedByteMap map = VersionedByteMap.Open(_directory.Path, new ByteMapOptions { Storage = power }))
        {
            last = map.Put("a"u8, "1"u8);
        }

        using (VersionedByteMap map = VersionedByteMap.Open(_directory.Path, new ByteMapOptions { Storage = power }))
        {
            long next = map.Put("a"u8, "2"u8);
            Assert.Equal(last + 1, next);
            for (int turn = 0; turn < 1_000; turn++)
            {
                last = map.Put("a"u8, "3"u8);
            }

            // None of these writes is on the device.
            using TempDirectory cut = new();
            power.Cut(cut.Path, _ => false);
            ByteMapPowerCutTests.Restart(cut);
            using VersionedByteMap found = VersionedByteMap.Open(cut.Path);
            Assert.True(found.HostCrashed);
            Assert.True(found.Put("a"u8, "4"u8) > last);
        }
    }

    [Fact]
    public void An_entry_is_present_until_it_expires()
    {
        using VersionedByteMap map = Open();
        using VersionedByteMap reader = VersionedByteMap.OpenReadOnly(_directory.Path, new ByteMapOptions { Clock = _clock });
        long version = map.Put("a"u8, "1"u8, s_second);
        map.Put("b"u8, "2"u8);
        _clock.PassNanos(999_999_999);
        Assert.True(reader.TryGetVersion("a"u8, out long seen, out long expiresAt));
        Assert.Equal((version, _clock.UtcNanos + 1), (seen, expiresAt));
        _clock.PassNanos(1);
        foreach (VersionedByteMap each in new[] { map, reader })
        {
            Assert.False(each.TryGet("a"u8, out byte[]? value, out seen) || value is not null || seen != 0);
            Assert.True(each.TryGet("a"u8, [], out _, out _).IsNotFound);
            Assert.False(each.TryGetVersion("a"u8, out seen, out expiresAt) || seen != 0 || expiresAt != 0);
            Assert.False(each.ContainsKey("a"u8));
            Assert.Equal(["62"], each.Entries().Select(entry => entry.Key));
        }

        Assert.Equal(2, map.Count);
        Assert.False(map.Touch("a"u8, s_second));
        Assert.Equal(1, map.Count);
        Assert.True(map.CompareExchange("a"u8, 0, "3"u8, out long next) && next > version);
    }

    [Fact]
    public void The_expiry_of_an_entry_can_be_changed_and_removed()
    {
        using VersionedByteMap map = Open();
        long version = map.Put("a"u8, "1"u8, s_second);
        _clock.Pass(s_second / 2);
        Assert.True(map.Touch("a"u8, s_second));
        _clock.Pass(s_second / 2);
        Assert.True(map.TryGet("a"u8, out byte[]? value, out long same) && value[0] == '1' && same == version);
        Assert.True(map.Touch("a"u8, null));
        _clock.Pass(s_second * 1_000);
        Assert.True(map.ContainsKey("a"u8));
        Assert.Equal(0, map.RemoveExpired());
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x1FUL)]
    public void Later_writes_remove_expired_entries_and_release_their_space(ulong mask)
    {
        using VersionedByteMap map = VersionedByteMap.Open(_directory.Path,
            new ByteMapOptions { InitialCapacity = 0, SegmentBytes = 16 * 1024, Clock = _clock, HashMask = mask });
        for (int key = 0; key < 400; key++)
        {
            map.Put(BitConverter.GetBytes(key), new byte[500], s_second);
        }

        _clock.Pass(s_second);
        for (int turn = 0; turn < 600; turn++)
        {
            map.Put("stays"u8, new byte[500]);
        }

        Assert.Equal(1, map.Count);
        Assert.InRange(map.GetStatistics().LiveBytes, 500, 700);
        map.Compact();
        Assert.InRange(map.GetStatistics().HeapBytes, 500, 64 * 1024);
    }

    [Fact]
    public void A_snapshot_excludes_expired_entries_and_keeps_entries_that_expire_later()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory(new ByteMapOptions { Clock = _clock });
        long kept = map.Put("a"u8, "1"u8);
        map.Put("b"u8, "2"u8, s_second);
        map.Put("c"u8, "3"u8, s_second * 2);
        map.SetUserWord(1, 5);
        _clock.Pass(s_second);
        using VersionedByteMapSnapshot snapshot = map.CreateSnapshot();
        _clock.Pass(s_second * 5);
        map.SetUserWord(1, 6);
        map.Put("a"u8, "9"u8);
        map.RemoveExpired();
        Assert.Equal(2, snapshot.Count);
        Assert.Equal(5, snapshot.UserWord(1));
        Assert.Null(snapshot.Directory);
        Assert.False(snapshot.ContainsKey("b"u8));
        Assert.True(snapshot.TryGet("b"u8, [], out _, out long version).IsNotFound && version == 0);
        Assert.True(snapshot.TryGet("a"u8, new byte[1], out int length, out version).IsOk && length == 1 && version == kept);
        Assert.True(snapshot.TryGet("a"u8, [], out length, out _).IsFull && length == 1);
        Assert.False(map.CompareExchange("a"u8, version, "2"u8, out _));
        using OrderedVersionedByteMapSnapshot ordered = snapshot.OrderByKey();
        Assert.Equal((2, 1, 1, 1),
            (ordered.Count, ordered.CountBefore("b"u8), ordered.From("b"u8).Count, ordered.Between("a"u8, "b"u8).Count));
        List<string> keys = [];
        foreach (VersionedByteMapEntry entry in ordered)
        {
            keys.Add(ByteEntry.Of(entry).Key + ByteEntry.Of(entry).Value);
        }

        Assert.Equal(["6131", "6333"], keys);
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => snapshot.ContainsKey("a"u8));
        ordered.Dispose();
        ordered.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ordered.CountBefore("a"u8));
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        using VersionedByteMap map = VersionedByteMap.Open(_directory.Path, new ByteMapOptions { Clock = _clock });
        byte[] key = [1];
        byte[] value = new byte[100];
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            long version = map.Put(key, value, s_second);
            map.CompareExchange(key, version, value, out _);
            map.Touch(key, s_second);
            map.TryGet(key, value, out _, out _);
            map.Remove(key);
        });
        Assert.Equal(0, bytes);
    }

    private VersionedByteMap Open() => VersionedByteMap.Open(_directory.Path, new ByteMapOptions { InitialCapacity = 0, Clock = _clock });
}
