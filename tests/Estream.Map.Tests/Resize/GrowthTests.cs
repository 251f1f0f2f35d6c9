using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

public sealed class GrowthTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_full_disk_during_growth_leaves_the_map_whole_and_usable()
    {
        FullStorage storage = new();
        using StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Storage = storage });
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        long capacity = map.Capacity;
        for (long key = 0; key < capacity; key++)
        {
            map.Put(key, key);
        }

        storage.IsFull = true;
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => map.Put(capacity, 0));
        Assert.Equal(StorageFailure.DiskFull, error.Reason);
        Assert.True(error.IsTransient);
        Assert.Throws<EstreamStorageException>(map.Clear);
        Assert.Equal(capacity, map.Count);
        Assert.False(map.Put(3, 33));
        Assert.True(map.CompareExchange(4, 4, 44));
        Assert.True(map.Remove(5));
        Assert.True(map.Put(capacity, 1));
        Assert.True(reader.TryGet(3, out long value) && value == 33);
        Assert.Equal(capacity, reader.CountByEnumeration());

        storage.IsFull = false;
        Assert.True(map.Put(capacity + 1, 2));
        Assert.Equal(capacity + 1, map.Count);
        Assert.True(map.Capacity > capacity);
        Assert.Equal(capacity + 1, reader.CountByEnumeration());
    }

    [MountFact]
    public void A_full_tmpfs_during_growth_leaves_the_map_whole_and_usable()
    {
        using TmpfsMount disk = new(1 << 20);
        using StateMap<long, long> map = StateMap.Open<long, long>(disk.Path, new MapOptions { InitialCapacity = 0 });
        long capacity = map.Capacity;
        for (long key = 0; key < capacity; key++)
        {
            map.Put(key, key);
        }

        using (disk.Fill())
        {
            EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => map.Put(capacity, 0));
            Assert.Equal(StorageFailure.DiskFull, error.Reason);
            Assert.True(error.IsTransient);
            Assert.Contains("table.0002", error.Message, StringComparison.Ordinal);
            Assert.Single(Directory.GetFiles(disk.Path, "table.*"));
            Assert.False(map.Put(3, 33));
            Assert.True(map.Remove(5));
            Assert.True(map.Put(capacity, 1));
            Assert.Equal(capacity, map.CountByEnumeration());
        }

        Assert.True(map.Put(capacity + 1, 2));
        Assert.Equal(capacity + 1, map.CountByEnumeration());
    }

    [Fact]
    public void A_table_larger_than_any_disk_is_refused_and_leaves_no_file()
    {
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(
            () => StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 1L << 40 }));
        Assert.Contains("table.0001", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory.Path, "table.*"));
        using StateMap<long, long> map = StateMap.Open<long, long>(_directory.Path);
        Assert.True(map.Put(1, 1));
    }

    [MountFact]
    public void A_sparse_copy_on_a_full_disk_is_refused_at_open_and_not_by_a_later_fault()
    {
        using TmpfsMount disk = new(1 << 20);
        StateMap.Open<long, long>(disk.Path).Dispose();
        ChildProcess.Run("cp", ["--sparse=always", disk.Combine("table.0001"), disk.Combine("copy")]).EnsureSuccess();
        File.Move(disk.Combine("copy"), disk.Combine("table.0001"), overwrite: true);
        using (disk.Fill())
        {
            EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => StateMap.Open<long, long>(disk.Path));
            Assert.Equal(StorageFailure.DiskFull, error.Reason);
        }

        using StateMap<long, long> map = StateMap.Open<long, long>(disk.Path);
        using (disk.Fill())
        {
            for (long key = 0; key < map.Capacity; key++)
            {
                map.Put(key, key);
            }
        }
    }

    [Fact]
    public void A_table_file_that_cannot_be_deleted_does_no_harm()
    {
        FullStorage storage = new() { IsStuck = true };
        using (StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Storage = storage }))
        {
            for (long key = 0; key < 1_000; key++)
            {
                map.Put(key, key);
            }

            Assert.Equal(1_000, map.CountByEnumeration());
        }

        Assert.True(Directory.GetFiles(_directory.Path, "table.*").Length > 1);
        using StateMap<long, long> again = StateMap.Open<long, long>(_directory.Path);
        Assert.Equal(1_000, again.Count);
        Assert.Single(Directory.GetFiles(_directory.Path, "table.*"));
    }

    [Fact]
    public void Memory_of_replaced_tables_is_released()
    {
        // Tables of 5 MiB are created and deleted. If they stayed mapped, the mappings of this process would show half a gigabyte more.
        const int Rounds = 100;
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(60_000);
        long before = MappedBytes();
        for (int round = 0; round < Rounds; round++)
        {
            for (long key = 0; key < 1_000; key++)
            {
                map.Put(key, round);
            }

            map.Clear();
            Grow(map);
        }

        Eventually.True(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return MappedBytes() - before < 250L << 20;
            },
            "the memory of replaced tables is gone",
            TimeSpan.FromMinutes(5));
    }

    private static void Grow(StateMap<long, long> map)
    {
        long capacity = map.Capacity;
        for (long key = 0; map.Capacity < 60_000 && key < 60_000; key++)
        {
            map.Put(key, capacity);
        }
    }

    private static long MappedBytes()
    {
        string pages = File.ReadAllText("/proc/self/statm").Split(' ')[0];
        return long.Parse(pages) * Environment.SystemPageSize;
    }
}
