using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The space of replaced and removed entries is released: under random overwriting with other lengths, under removal, and when
/// small values become large ones. The limits of docs/formats/bytemap.md are checked all the time.</summary>
public sealed class ByteMapSpaceTests : IDisposable
{
    private const int Keys = 4_000;

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(10, 60)]
    [InlineData(100, 1_000)]
    [InlineData(0, 6_000)]
    public void Overwriting_takes_no_more_space_than_documented(int shortest, int longest)
    {
        Random random = new(longest);
        byte[] value = new byte[longest];
        using ByteMap map = ByteMap.CreateInMemory();
        Fill(map, () => value.AsSpan(0, random.Next(shortest, longest)));
        for (int turn = 0; turn < LongRun.Count(25, 250) * Keys; turn++)
        {
            map.Put(BitConverter.GetBytes(random.Next(Keys)), value.AsSpan(0, random.Next(shortest, longest)));
            if (turn % 500 == 0)
            {
                AssertBounded(map);
            }
        }

        ByteMapStatistics figures = map.GetStatistics();
        Assert.Equal(Keys, figures.Entries);
        Assert.True(figures.Passes > 3, $"{figures}");
    }

    [Fact]
    public void Passes_reuse_the_memory_that_earlier_passes_released()
    {
        const long FirstPasses = 10;
        Random random = new(11);
        byte[] value = new byte[500];
        using ByteMap map = ByteMap.CreateInMemory();
        Fill(map, () => value);
        long before = 0;
        while (map.GetStatistics() is { Passes: < 3 * FirstPasses } figures)
        {
            map.Put(BitConverter.GetBytes(random.Next(Keys)), value);

            // HeapBytes decreases only if a file is deleted.
            if (figures.Passes >= FirstPasses)
            {
                Assert.True(figures.HeapBytes >= before, $"{before} bytes became {figures.HeapBytes}");
                before = figures.HeapBytes;
            }
        }
    }

    [Fact]
    public void Small_values_replaced_by_large_ones_leave_no_space_behind()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        for (int size = 8; size < 40_000; size *= 3)
        {
            byte[] value = new byte[size];
            for (int key = 0; key < Keys / 4; key++)
            {
                map.Put(BitConverter.GetBytes(key), value);
                if (key % 50 == 0)
                {
                    AssertBounded(map);
                }
            }
        }
    }

    [Fact]
    public void Removing_entries_releases_space_step_by_step()
    {
        Random random = new(3);
        using ByteMap map = ByteMap.CreateInMemory();
        Fill(map, () => new byte[random.Next(2_000)]);
        int[] order = [.. Enumerable.Range(0, Keys)];
        random.Shuffle(order);
        for (int removed = 0; removed < Keys; removed++)
        {
            Assert.True(map.Remove(BitConverter.GetBytes(order[removed])));
            if (removed % 100 == 0)
            {
                AssertBounded(map);
            }
        }

        Assert.Equal(0, map.GetStatistics().LiveBytes);
    }

    [Fact]
    public void A_map_that_has_shrunk_takes_no_more_space_than_documented()
    {
        Random random = new(17);
        byte[] value = new byte[8_000];
        using ByteMap map = ByteMap.CreateInMemory();
        Fill(map, () => value);
        for (int turn = 0; turn < 3 * Keys; turn++)
        {
            map.Put(BitConverter.GetBytes(random.Next(Keys)), value);
        }

        for (int key = Keys / 4; key < Keys; key++)
        {
            map.Remove(BitConverter.GetBytes(key));
        }

        for (int turn = 0; turn < 5 * Keys; turn++)
        {
            map.Put(BitConverter.GetBytes(random.Next(Keys / 4)), value);
            if (turn % 20 == 0)
            {
                AssertBounded(map);
            }
        }
    }

    [Fact]
    public void A_put_deletes_spares_before_it_reports_a_full_disk()
    {
        SmallStorage storage = new();
        using ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { Storage = storage });
        Random random = new(19);
        byte[] value = new byte[500];
        Fill(map, () => value);
        while (Directory.GetFiles(_directory.Path, "spare.*").Length < 4)
        {
            map.Put(BitConverter.GetBytes(random.Next(Keys)), value);
        }

        // The put needs a new file. The disk lacks fewer bytes than the smallest spare has, because a compaction step may use the other
        // spares.
        const int Large = 700_000;
        storage.FreeBytes = Large + 8192 - Directory.GetFiles(_directory.Path, "spare.*").Min(file => new FileInfo(file).Length);
        Assert.True(map.Put("large"u8, new byte[Large]));
        Assert.Empty(Directory.GetFiles(_directory.Path, "spare.*"));
        Assert.Equal(Keys + 1, map.Count);
        EstreamStorageException refusal = Assert.Throws<EstreamStorageException>(() => map.Put("larger"u8, new byte[30 * Large]));
        Assert.Equal(StorageFailure.DiskFull, refusal.Reason);
        Assert.False(map.ContainsKey("larger"u8));
    }

    [Fact]
    public void Statistics_match_the_files_and_Compact_leaves_at_most_a_tenth_more_than_live_bytes()
    {
        Random random = new(5);
        using ByteMap map = ByteMap.Open(_directory.Path);
        for (int turn = 0; turn < 5; turn++)
        {
            Fill(map, () => new byte[random.Next(3_000)]);
        }

        map.Compact();
        ByteMapStatistics figures = map.GetStatistics();
        long onDisk = new DirectoryInfo(_directory.Path).GetFiles()
            .Where(f => f.Name.StartsWith("heap.", StringComparison.Ordinal) || f.Name.StartsWith("spare.", StringComparison.Ordinal))
            .Sum(f => f.Length);
        Assert.Equal(onDisk, figures.HeapBytes);
        Assert.True(figures.HeapBytes < (figures.LiveBytes * 1.1) + SegmentBytes(figures), $"{figures}");
        Assert.Equal(Keys, map.Count);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
        Assert.Equal(figures.LiveBytes, reader.GetStatistics().LiveBytes);
        Assert.Equal(figures.HeapBytes, reader.GetStatistics().HeapBytes);
    }

    [Fact]
    public void Replacing_a_large_value_deletes_its_file_at_once()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        byte[] large = new byte[5 << 20];
        for (int turn = 0; turn < 10; turn++)
        {
            map.Put("large"u8, large);
            Assert.InRange(Directory.GetFiles(_directory.Path, "heap.*").Length, 1, 2);
        }

        map.Remove("large"u8);
        Assert.Equal(0, map.GetStatistics().LiveBytes);
        Assert.True(map.GetStatistics().HeapBytes < 2 << 20);
    }

    private static void Fill(ByteMap map, Func<ReadOnlySpan<byte>> value)
    {
        for (int key = 0; key < Keys; key++)
        {
            map.Put(BitConverter.GetBytes(key), value());
        }
    }

    private static void AssertBounded(ByteMap map)
    {
        ByteMapStatistics figures = map.GetStatistics();
        Assert.True(figures.HeapBytes <= (2.5 * figures.LiveBytes) + (8 * SegmentBytes(figures)), $"{figures}");
    }

    private static long SegmentBytes(ByteMapStatistics figures) => Math.Max(256 * 1024, figures.LiveBytes / 16);
}
