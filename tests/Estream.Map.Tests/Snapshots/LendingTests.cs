using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A snapshot that a writer lends to readers keeps its content, whatever happens to the map. The file of the snapshot
/// exists exactly as long as the snapshot is lent.</summary>
public sealed class LendingTests : IDisposable
{
    private const int Keys = 1_000;
    private const long Word = 77;

    private readonly TempDirectory _directory = new();

    private string MapDirectory => _directory.Combine("map");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_reader_borrows_a_lent_snapshot_and_orders_it(MapWriters writers)
    {
        using StateMap<long, long> map = Open(writers);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(MapDirectory);
        Fill(map, Keys, 1);
        map.SetUserWord(2, Word);
        Assert.False(reader.TryBorrowSnapshot(out _));
        using (MapSnapshot<long, long> leased = map.LendSnapshot())
        {
            AssertIsImage(leased, 1);
            map.SetUserWord(2, Word + 1);
            for (long key = 0; key < Keys; key += 2)
            {
                map.Remove(key);
            }

            Fill(map, Keys * 4, -1);
            Assert.True(reader.TryBorrowSnapshot(out MapSnapshot<long, long>? borrowed));
            using MapSnapshot<long, long> image = borrowed!;
            AssertIsImage(image, 1);
            Assert.Equal((Word, MapDirectory), (image.UserWord(2), image.Directory));
            using OrderedSnapshot<long, long> ordered = image.OrderByKey();
            Assert.Equal(Enumerable.Range(0, Keys).Select(key => (long)key), ordered.Select(pair => pair.Key));
            Assert.True(map.TryBorrowSnapshot(out MapSnapshot<long, long>? own));
            AssertIsImage(own!, 1);
            own!.Dispose();
        }

        Assert.False(reader.TryBorrowSnapshot(out _));
        Assert.Equal(Keys * 4, reader.Count(pair => pair.Value == -pair.Key));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void The_file_of_a_lent_snapshot_stays_until_disposal_and_borrowed_snapshots_stay_valid(MapWriters writers)
    {
        using StateMap<long, long> map = Open(writers);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(MapDirectory);
        Fill(map, Keys, 1);
        MapSnapshot<long, long> leased = map.LendSnapshot();
        EndMove(map);
        Fill(map, Keys, 2);
        Assert.Equal(2, Tables().Length);
        Assert.True(reader.TryBorrowSnapshot(out MapSnapshot<long, long>? borrowed));
        using MapSnapshot<long, long> image = borrowed!;
        leased.Dispose();
        leased.Dispose();
        Assert.Single(Tables());
        Assert.False(reader.TryBorrowSnapshot(out _));
        AssertIsImage(image, 1);

        // The map still migrates from the snapshot's table when the snapshot is disposed, so the end of the resize deletes the file.
        map.LendSnapshot().Dispose();
        Assert.Equal(2, Tables().Length);
        EndMove(map);
        Assert.Single(Tables());
        Assert.Equal(Keys, reader.CountByEnumeration());
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_newer_lent_snapshot_replaces_the_older_one(MapWriters writers)
    {
        using StateMap<long, long> map = Open(writers);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(MapDirectory);
        Fill(map, Keys, 1);
        using MapSnapshot<long, long> first = map.LendSnapshot();
        Fill(map, Keys, 2);
        using MapSnapshot<long, long> second = map.LendSnapshot();
        Fill(map, Keys, 3);
        first.Dispose();
        EndMove(map);
        Assert.Equal(2, Tables().Length);
        Assert.True(reader.TryBorrowSnapshot(out MapSnapshot<long, long>? borrowed));
        using MapSnapshot<long, long> image = borrowed!;
        AssertIsImage(image, 2);
        second.Dispose();
        Assert.Single(Tables());
        map.CreateSnapshot().Dispose();
        Assert.False(reader.TryBorrowSnapshot(out _));
    }

    [Fact]
    public void A_lent_snapshot_ends_with_its_own_map_and_not_with_another_writer()
    {
        using StateMap<long, long> other = Open(MapWriters.Many);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(MapDirectory);
        StateMap<long, long> map = Open(MapWriters.Many);
        Fill(map, Keys, 1);
        using MapSnapshot<long, long> leased = map.LendSnapshot();
        EndMove(other);
        Open(MapWriters.Many).Dispose();
        Assert.True(reader.TryBorrowSnapshot(out MapSnapshot<long, long>? borrowed));
        using MapSnapshot<long, long> image = borrowed!;
        map.Dispose();
        Assert.Single(Tables());
        Assert.False(reader.TryBorrowSnapshot(out _));
        AssertIsImage(image, 1);
        AssertIsImage(leased, 1);
    }

    [Fact]
    public void A_lent_snapshot_outlives_a_killed_writer_and_ends_with_the_next_one()
    {
        string killed = _directory.Combine("killed");
        using (StateMap<long, long> map = Open(MapWriters.One))
        {
            Fill(map, Keys, 1);
            using MapSnapshot<long, long> leased = map.LendSnapshot();
            EndMove(map);
            Fill(map, Keys, 2);
            KilledCopy.Make(MapDirectory, killed);
        }

        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(killed);
        Assert.True(reader.TryBorrowSnapshot(out MapSnapshot<long, long>? borrowed));
        using MapSnapshot<long, long> image = borrowed!;
        AssertIsImage(image, 1);

        // After another boot, the pages may be from different moments, so the snapshot cannot be borrowed.
        using (MemoryRegion meta = FileStorage.Instance.OpenRegion(Path.Combine(killed, MapFormat.MetaFile), RegionAccess.ReadWrite))
        {
            long boot = meta.All.ReadInt64(MetaLayout.BootId);
            meta.All.WriteInt64(MetaLayout.BootId, 4711);
            Assert.False(reader.TryBorrowSnapshot(out _));
            meta.All.WriteInt64(MetaLayout.BootId, boot);
        }

        Assert.True(reader.TryBorrowSnapshot(out MapSnapshot<long, long>? again));
        again!.Dispose();
        using StateMap<long, long> next = StateMap.Open<long, long>(killed);
        Assert.False(reader.TryBorrowSnapshot(out _));
        Assert.Single(Directory.GetFiles(killed, "table.*"));
        AssertIsImage(image, 1);
        Assert.Equal(Keys, next.Count(pair => pair.Value == pair.Key * 2));
    }

    [Fact]
    public void A_map_in_memory_and_a_read_only_map_cannot_lend_snapshots()
    {
        using StateMap<long, long> memory = StateMap.CreateInMemory<long, long>();
        Assert.Throws<InvalidOperationException>(() => memory.LendSnapshot());
        Assert.False(memory.TryBorrowSnapshot(out _));
        Open(MapWriters.One).Dispose();
        StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(MapDirectory);
        Assert.Throws<InvalidOperationException>(() => reader.LendSnapshot());
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryBorrowSnapshot(out _));
    }

    [Fact]
    public void A_refused_flush_at_the_end_of_a_lease_keeps_the_file_and_is_recorded()
    {
        PowerCutStorage storage = new();
        using StateMap<long, long> map = Open(MapWriters.One, storage);
        Fill(map, Keys, 1);
        MapSnapshot<long, long> leased = map.LendSnapshot();
        EndMove(map);
        storage.BadFile = MapFormat.MetaFile;
        leased.Dispose();
        storage.BadFile = null;
        Assert.True(map.HostCrashed);
        Assert.Equal(2, Tables().Length);
        Assert.False(map.TryBorrowSnapshot(out _));
    }

    /// <summary>In this storage, file names change at once, and file contents on a flush. If a file is deleted too early,
    /// the map is lost.</summary>
    [Fact]
    public void A_power_cut_at_any_step_of_a_lease_keeps_flushed_entries()
    {
        PowerCutStorage storage = new();
        Random random = new(133);
        using StateMap<long, long> map = Open(MapWriters.One, storage);
        Fill(map, Keys, 1);
        map.Flush();
        int cuts = 0;
        storage.OnStep = _ => AssertCutKeeps(storage, random, ++cuts);
        MapSnapshot<long, long> leased = map.LendSnapshot();
        Fill(map, Keys, 1);
        using (map.LendSnapshot())
        {
            EndMove(map);
            leased.Dispose();
        }

        map.LendSnapshot().Dispose();
        EndMove(map);
        storage.OnStep = null;
        Assert.InRange(cuts, 10, 1_000);
    }

    private void AssertCutKeeps(PowerCutStorage storage, Random random, int number)
    {
        string cut = _directory.Combine($"cut-{number}");
        Directory.CreateDirectory(cut);
        storage.Cut(cut, _ => random.Next(2) == 0);
        string path = Path.Combine(cut, MapFormat.MetaFile);
        byte[] meta = File.ReadAllBytes(path);
        meta[MetaLayout.BootId] ^= 0xFF;
        File.WriteAllBytes(path, meta);
        using (StateMap<long, long> found = StateMap.Open<long, long>(cut))
        {
            Assert.True(found.HostCrashed);
            Assert.Equal(Keys, found.Count(pair => pair.Key < Keys && pair.Value == pair.Key));
        }

        Directory.Delete(cut, recursive: true);
    }

    private static void Fill(StateMap<long, long> map, long entries, long step)
    {
        for (long key = 0; key < entries; key++)
        {
            map.Put(key, key * step);
        }
    }

    // Makes more writes than a resize of a few stripes takes.
    private static void EndMove(StateMap<long, long> map)
    {
        for (int write = 0; write < 64 * 100; write++)
        {
            Assert.True(map.TryGet(1, out long value));
            Assert.False(map.Put(1, value));
        }
    }

    private static void AssertIsImage(MapSnapshot<long, long> image, long step)
    {
        Assert.Equal(Keys, image.Count);
        Assert.Equal(Keys, image.Count(pair => pair.Value == pair.Key * step));
        Assert.True(image.TryGet(Keys - 1, out long last) && last == (Keys - 1) * step);
    }

    private StateMap<long, long> Open(MapWriters writers, IStorage? storage = null) =>
        StateMap.Open<long, long>(MapDirectory,
            new MapOptions { InitialCapacity = 0, Writers = writers, Storage = storage ?? FileStorage.Instance });

    private string[] Tables() => Directory.GetFiles(MapDirectory, "table.*");
}
