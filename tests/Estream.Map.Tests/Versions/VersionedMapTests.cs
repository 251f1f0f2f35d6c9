using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Entries with versions: no concurrent change is overwritten unnoticed.</summary>
public sealed class VersionedMapTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Invalid_arguments_throw()
    {
        using VersionedMap<long, long> map = VersionedMap.CreateInMemory<long, long>();
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Put(1, 1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Put(1, 1, TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CompareExchange(1, -1, 1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CompareExchange(1, 0, 1, out _, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Touch(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Remove(1, 0));
        Assert.Throws<ArgumentException>(() => VersionedMap.CreateInMemory<long, long>(new MapOptions { Writers = MapWriters.Many }));
        Assert.Equal(0, map.Count);
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.Put(1, 1, TimeSpan.FromSeconds(1)));
        Assert.Throws<ObjectDisposedException>(() => map.TryGet(1, out _));
    }

    [Fact]
    public void Writes_throw_on_a_read_only_map()
    {
        VersionedMap.Open<long, long>(_directory.Path).Dispose();
        using VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.True(reader.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => reader.Put(1, 1));
        Assert.Throws<InvalidOperationException>(() => reader.Put(1, 1, TimeSpan.FromSeconds(1)));
        Assert.Throws<InvalidOperationException>(() => reader.CompareExchange(1, 0, 1, out _));
        Assert.Throws<InvalidOperationException>(() => reader.Touch(1, null));
        Assert.Throws<InvalidOperationException>(() => reader.Remove(1));
        Assert.Throws<InvalidOperationException>(() => reader.RemoveExpired());
        Assert.Throws<InvalidOperationException>(reader.Clear);
        Assert.Throws<InvalidOperationException>(reader.Flush);
        Assert.Throws<InvalidOperationException>(() => reader.SetUserWord(0, 1));
    }

    [Fact]
    public void A_versioned_map_and_an_unversioned_map_are_not_interchangeable()
    {
        string plain = _directory.Combine("plain");
        StateMap.Open<long, long>(plain).Dispose();
        VersionedMap.Open<long, long>(_directory.Combine("versioned")).Dispose();
        Assert.Contains("StateMap", Assert.Throws<EstreamFormatException>(() => VersionedMap.Open<long, long>(plain)).Message,
            StringComparison.Ordinal);
        string message =
            Assert.Throws<EstreamFormatException>(() => StateMap.Open<long, (long, long, long)>(_directory.Combine("versioned"))).Message;
        Assert.Contains("VersionedMap", message, StringComparison.Ordinal);
        Assert.Throws<EstreamFormatException>(() => StateMap.OpenReadOnly<long, long>(_directory.Combine("versioned")));
        Assert.Throws<EstreamFormatException>(() => VersionedMap.Open<long, int>(_directory.Combine("versioned")));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_version_allows_exactly_one_change(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        using VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.False(map.TryGet(1, out _, out long version));
        Assert.Equal(0, version);
        Assert.False(map.CompareExchange(1, 5, 10, out version));
        Assert.Equal(0, version);
        Assert.True(map.CompareExchange(1, 0, 10, out long first));
        Assert.True(first > 0);
        Assert.False(map.CompareExchange(1, 0, 11, out long actual));
        Assert.Equal(first, actual);
        Assert.True(map.CompareExchange(1, first, 12, out long second));
        Assert.True(second > first);
        Assert.False(map.CompareExchange(1, first, 13, out actual));
        Assert.Equal(second, actual);
        Assert.True(reader.TryGet(1, out long value, out version));
        Assert.Equal((12, second), (value, version));
        Assert.False(map.Remove(1, first));
        Assert.True(map.Touch(1, null));
        Assert.True(map.Remove(1, second));
        Assert.False(map.Remove(1, second));
        Assert.False(map.Remove(1));
        Assert.False(map.Touch(1, null));

        // The key is present again, with the same value and another version.
        long third = map.Put(1, 12);
        Assert.True(third > second);
        Assert.False(map.CompareExchange(1, second, 14, out _));
        Assert.True(reader.TryGetEntry(1, out VersionedEntry<long, long> entry));
        Assert.Equal(new VersionedEntry<long, long>(1, 12, third, 0), entry);
        Assert.Equal([entry], reader);
    }

    /// <summary>Through growing, shrinking, clearing, closing, crashes and both writer modes, the versions of each key rise.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Versions_of_a_key_rise_through_every_change_of_the_map(MapWriters writers)
    {
        const int Keys = 3_000;
        long[] highest = new long[Keys];
        KillableStorage storage = new();
        for (int round = 0; round < 6; round++)
        {
            MapWriters mode = round % 2 == 0 ? writers : (MapWriters)(1 - (int)writers);
            VersionedMap<long, long> map = VersionedMap.Open<long, long>(_directory.Path, Options(mode) with { Storage = storage });
            for (int turn = 0; turn < 2; turn++)
            {
                for (int key = 0; key < Keys; key++)
                {
                    Rises(ref highest[key], map.Put(key, turn));
                }
            }

            if (round % 3 == 0)
            {
                map.Clear();
            }

            for (int key = 0; key < Keys; key++)
            {
                map.Remove(key);
                Rises(ref highest[key % 7], map.Put(key % 7, key));
            }

            Assert.Equal(7, map.Count);
            if (round % 2 == 0)
            {
                storage.Kill();
            }
            else
            {
                map.Dispose();
            }
        }
    }

    /// <summary>After the cut the device has lower versions than a reader has seen.</summary>
    [Fact]
    public void Versions_rise_after_a_power_cut()
    {
        const int Keys = 500;
        string after = _directory.Combine("after");
        PowerCutStorage storage = new();
        long[] highest = new long[Keys];
        VersionedMap<long, long> map =
            VersionedMap.Open<long, long>(_directory.Combine("before"), Options(MapWriters.One) with { Storage = storage });
        map.Put(1, 1);
        map.Flush();
        for (int turn = 0; turn < 20; turn++)
        {
            for (int key = 0; key < Keys; key++)
            {
                Rises(ref highest[key], map.Put(key, turn));
            }
        }

        Directory.CreateDirectory(after);
        storage.Cut(after, _ => false);
        map.Dispose();
        byte[] meta = File.ReadAllBytes(Path.Combine(after, MapFormat.MetaFile));
        meta[MetaLayout.BootId] ^= 0xFF;
        File.WriteAllBytes(Path.Combine(after, MapFormat.MetaFile), meta);
        using VersionedMap<long, long> again = VersionedMap.Open<long, long>(after, Options(MapWriters.One));
        Assert.True(again.HostCrashed);
        for (int key = 0; key < Keys; key++)
        {
            Rises(ref highest[key], again.Put(key, 0));
        }

        again.Clear();
        Assert.False(again.HostCrashed);
        Rises(ref highest[1], again.Put(1, 1));
    }

    [Fact]
    public void Concurrent_compare_exchanges_lose_nothing()
    {
        using VersionedMap<long, long> first = Open(MapWriters.Many);
        using VersionedMap<long, long> second = Open(MapWriters.Many);
        int turns = LongRun.Count(3_000, 40_000);
        Parallel.For(0, 4, thread =>
        {
            VersionedMap<long, long> map = thread % 2 == 0 ? first : second;
            for (int turn = 0; turn < turns; turn++)
            {
                bool isDone;
                do
                {
                    map.TryGet(turn % 3, out long value, out long version);
                    isDone = map.CompareExchange(turn % 3, version, value + 1, out _);
                }
                while (!isDone);
            }
        });
        Assert.Equal(turns * 4L, first.Sum(entry => entry.Value));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Reading_and_writing_allocate_nothing(MapWriters writers)
    {
        using VersionedMap<long, Guid> map = VersionedMap.Open<long, Guid>(_directory.Path, Options(writers));
        long turn = 0;
        long bytes = AllocationMeter.OnThisThread(10_000, () =>
        {
            turn++;
            map.Put(turn % 50, default, TimeSpan.FromTicks(turn % 3 + 1));
            map.TryGet(turn % 50, out Guid value, out long version);
            map.CompareExchange(turn % 50, version, value, out _);
            map.Touch(turn % 50, TimeSpan.FromTicks(1));
            map.Remove(turn % 49, version + 1);
            map.Remove(turn % 48);
            foreach (VersionedEntry<long, Guid> entry in map)
            {
                version += entry.Version;
            }
        });
        Assert.Equal(0, bytes);
    }

    private static void Rises(ref long highest, long version)
    {
        Assert.True(version > highest, $"{version} after {highest}");
        highest = version;
    }

    private VersionedMap<long, long> Open(MapWriters writers) => VersionedMap.Open<long, long>(_directory.Path, Options(writers));

    private static MapOptions Options(MapWriters writers) => new() { InitialCapacity = 0, Writers = writers };
}
