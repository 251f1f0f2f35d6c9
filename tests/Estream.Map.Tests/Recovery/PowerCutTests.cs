using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Cuts the power at every step that reaches the device, for every choice of pages that the kernel wrote back by itself. The map
/// then opens and has everything for which Flush returned.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly PowerCutStorage _storage = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Growing_and_clearing_keep_flushed_entries_until_newer_ones_are_durable()
    {
        using StateMap<long, long> map = Open();
        for (long key = 0; key < map.Capacity; key++)
        {
            map.Put(key, key);
        }

        map.Flush();
        long flushed = map.Count;
        List<string> steps = [];
        _storage.OnStep = step =>
        {
            steps.Add(step);
            AssertEveryCutKeeps(flushed);
        };
        long generations = 0;
        for (long key = flushed; generations < 2; key++)
        {
            long capacity = map.Capacity;
            map.Put(key, key);
            generations += map.Capacity > capacity ? 1 : 0;
        }

        Assert.Contains("after delete table.0002", steps);
        flushed = 0;
        map.Clear();
        Assert.Equal(0, map.Count);
    }

    [Fact]
    public void A_map_is_created_whole_or_not_at_all()
    {
        int seen = 0;
        _storage.OnStep = _ =>
        {
            seen++;
            AssertEveryCutKeeps(0);
        };
        Open().Dispose();
        Assert.True(seen > 4);
    }

    [Fact]
    public void The_open_flag_of_a_writer_is_durable_before_its_writes()
    {
        Open().Dispose();
        using StateMap<long, long> again = Open();
        again.Put(1, 1);
        using TempDirectory cut = new();
        _storage.Cut(cut.Path, name => name != MapFormat.MetaFile);
        byte[] meta = File.ReadAllBytes(cut.Combine(MapFormat.MetaFile));
        Assert.Equal(MetaLayout.StateOpen, BitConverter.ToInt64(meta, MetaLayout.WriterState));

        // The next writer therefore detects the restart.
        Restart(cut);
        using StateMap<long, long> found = StateMap.Open<long, long>(cut.Path);
        Assert.True(found.HostCrashed);
    }

    [Fact]
    public void A_refused_flush_of_the_larger_table_leaves_the_map_as_it_was()
    {
        using StateMap<long, long> map = Open();
        long capacity = map.Capacity;
        for (long key = 0; key < capacity; key++)
        {
            map.Put(key, key);
        }

        _storage.BadFile = MapFormat.TableFile(2);
        Assert.Throws<EstreamStorageException>(() => map.Put(capacity, 0));
        Assert.Equal([MapFormat.TableFile(1)], Directory.GetFiles(_directory.Path, "table.*").Select(Path.GetFileName));
        Assert.Equal(capacity, map.CountByEnumeration());

        // The same table is created again when the device works.
        _storage.BadFile = null;
        Assert.True(map.Put(capacity, 0));
        Assert.Equal(capacity + 1, map.CountByEnumeration());
    }

    [Fact]
    public void A_resize_keeps_entries_flushed_before_and_during_it()
    {
        // Uses several stripes and a power cut at any moment between two calls. Each page of each file is as it was flushed or as it is
        // now.
        Random random = new(7);
        using StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 5_000, Storage = _storage });
        for (long key = 0; key < map.Capacity; key++)
        {
            map.Put(key, key);
        }

        map.Flush();
        long flushed = map.Count;
        int files = 1;
        bool wasMoving = false;
        for (long key = flushed; files > 1 || !wasMoving; key++)
        {
            map.Put(key, key);
            files = Directory.GetFiles(_directory.Path, "table.*").Length;
            wasMoving |= files > 1;
            if (random.Next(20) == 0)
            {
                map.Flush();
                flushed = key + 1;
            }

            if (random.Next(10) == 0)
            {
                AssertCutKeeps(flushed, _ => random.Next(2) == 0);
            }
        }

        AssertCutKeeps(flushed, _ => random.Next(2) == 0);
    }

    [Fact]
    public void A_refused_flush_at_the_end_of_a_resize_stops_no_write_and_is_recorded()
    {
        using StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 2_000, Storage = _storage });
        long capacity = map.Capacity;
        for (long key = 0; key <= capacity; key++)
        {
            map.Put(key, key);
        }

        _storage.BadFile = MapFormat.TableFile(2);
        for (long key = 0; key < capacity; key++)
        {
            Assert.False(map.Put(key, -key));
        }

        Assert.True(map.Remove(0));
        Assert.True(map.HostCrashed);
        Assert.Equal(2, Directory.GetFiles(_directory.Path, "table.*").Length);
        _storage.BadFile = null;
        for (long key = 1; key < 200; key++)
        {
            Assert.True(map.CompareExchange(key, -key, key));
        }

        Assert.Single(Directory.GetFiles(_directory.Path, "table.*"));
        Assert.Equal(capacity, map.CountByEnumeration());
    }

    private StateMap<long, long> Open() =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Storage = _storage });

    private void AssertEveryCutKeeps(long flushed)
    {
        for (int choice = 0; choice < 4; choice++)
        {
            (bool meta, bool tables) = ((choice & 1) != 0, (choice & 2) != 0);
            AssertCutKeeps(flushed, name => name.StartsWith(MapFormat.TablePrefix, StringComparison.Ordinal) ? tables : meta);
        }
    }

    private void AssertCutKeeps(long flushed, Func<string, bool> writtenBack)
    {
        using TempDirectory cut = new();
        _storage.Cut(cut.Path, writtenBack);
        Restart(cut);
        using StateMap<long, long> found = StateMap.Open<long, long>(cut.Path, new MapOptions { InitialCapacity = 0 });
        for (long key = 0; key < flushed; key++)
        {
            Assert.True(found.TryGet(key, out long value) && value == key, $"{key} of {flushed} was flushed and is gone");
        }

        Assert.True(found.Put(-1, -1));
        Assert.Equal(found.CountByEnumeration(), found.Count);
    }

    // Changes the boot id in the file, as if the kernel had restarted.
    private static void Restart(TempDirectory cut)
    {
        string path = cut.Combine(MapFormat.MetaFile);
        if (File.Exists(path))
        {
            byte[] meta = File.ReadAllBytes(path);
            meta[MetaLayout.BootId] ^= 0xFF;
            File.WriteAllBytes(path, meta);
        }
    }
}
