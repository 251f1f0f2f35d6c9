using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Several keys are read together, by a single writer in memory and in files, by one of several writers, and by a read-only map.
/// The read sees a batch whole or not at all.</summary>
public sealed class TogetherTests : IDisposable
{
    private const int Keys = 4;
    private const int StrangerEvery = 16;

    private static readonly long[] s_keys = [0, 1, 2, 3];
    private static readonly int s_reads = LongRun.Count(20_000, 2_000_000);

    private readonly TempDirectory _directory = new();

    public enum Kind
    {
        Memory,
        One,
        Many,
    }

    public static TheoryData<Kind> Kinds => [Kind.Memory, Kind.One, Kind.Many];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryGetTogether_matches_single_reads_when_no_writer_is_active(Kind kind)
    {
        using StateMap<long, long> map = Open(kind);
        Assert.True(map.TryGetTogether([], [], []));
        map.Put(1, 10);
        AssertIs(map, (0, false), (10, true), (0, false));
        using (MapBatch<long, long> batch = map.CreateBatch())
        {
            batch.Put(2, 20);
            batch.Remove(1);
            Assert.True(batch.Commit());
        }

        AssertIs(map, (0, false), (0, false), (20, true));
        using MapBatch<long, long> other = map.CreateBatch(StateMap.MaxBatchKeys);
        other.Put(0, 5);
        Assert.True(other.Commit());
        AssertIs(map, (5, true), (0, false), (20, true));
        map.Clear();
        AssertIs(map, (0, false), (0, false), (0, false));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryGetTogether_throws_for_short_buffers_too_many_keys_and_a_disposed_map(Kind kind)
    {
        StateMap<long, long> map = Open(kind);
        Assert.Throws<ArgumentException>(() => map.TryGetTogether(s_keys, new long[Keys - 1], new bool[Keys]));
        Assert.Throws<ArgumentException>(() => map.TryGetTogether(s_keys, new long[Keys], new bool[Keys - 1]));
        const int TooMany = StateMap.MaxBatchKeys + 1;
        Assert.Throws<ArgumentException>(() => map.TryGetTogether(new long[TooMany], new long[TooMany], new bool[TooMany]));
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.TryGetTogether(s_keys, new long[Keys], new bool[Keys]));
    }

    /// <summary>Each batch puts its number under all keys or removes all of them. In between the map grows and is cleared. A reader that
    /// sees two numbers, or only some of the keys, has seen a part of a batch.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TryGetTogether_sees_all_of_a_batch_or_nothing_while_it_is_committed(Kind kind)
    {
        using StateMap<long, long> map = Open(kind);
        using StateMap<long, long>? reader = kind == Kind.Memory ? null : StateMap.OpenReadOnly<long, long>(_directory.Path);
        using CancellationTokenSource end = new();
        Task write = Task.Factory.StartNew(() => Write(map, end.Token), TaskCreationOptions.LongRunning);
        try
        {
            Read(reader ?? map, write);
        }
        finally
        {
            await end.CancelAsync();
        }

        await write;
    }

    private static void Write(StateMap<long, long> map, CancellationToken end)
    {
        using MapBatch<long, long> batch = map.CreateBatch(Keys);
        for (long number = 1; !end.IsCancellationRequested; number++)
        {
            foreach (long key in s_keys)
            {
                if (number % 3 == 0)
                {
                    batch.Remove(key);
                }
                else
                {
                    batch.Put(key, number);
                }
            }

            Assert.True(batch.Commit());
            if (number % StrangerEvery == 0)
            {
                map.Put(Keys + number, number);
            }

            if (number % 10_000 == 0)
            {
                map.Clear();
            }
        }
    }

    private static void Read(StateMap<long, long> map, Task write)
    {
        long[] values = new long[Keys];
        bool[] found = new bool[Keys];
        long newest = 0;
        int seen = 0;
        long missed = 0;

        // Continues until there was a value to read: the writer may get its core only after all planned reads.
        while ((seen < s_reads || newest == 0) && !write.IsCompleted)
        {
            if (!map.TryGetTogether(s_keys, values, found))
            {
                missed++;
                Assert.True(missed < 100L * s_reads,
                    $"{missed} times none of the attempts saw all keys at one moment, and {seen} times one did");
                continue;
            }

            seen++;
            Assert.True(found.All(isThere => isThere == found[0]), $"{string.Join(", ", found)} behind {newest}");
            Assert.True(values.All(value => value == values[0]), $"{string.Join(", ", values)} behind {newest}");
            Assert.True(!found[0] || values[0] >= newest, $"{values[0]} behind {newest}");
            newest = Math.Max(newest, values[0]);
        }

        Assert.True(newest > 0 || write.IsCompleted);
    }

    private static void AssertIs(StateMap<long, long> map, params (long Value, bool IsThere)[] expected)
    {
        long[] values = new long[expected.Length];
        bool[] found = new bool[expected.Length];
        Assert.True(map.TryGetTogether(s_keys.AsSpan(0, expected.Length), values, found));
        Assert.Equal(expected, values.Zip(found));
    }

    private StateMap<long, long> Open(Kind kind) => kind == Kind.Memory
        ? StateMap.CreateInMemory<long, long>()
        : StateMap.Open<long, long>(_directory.Path,
            new MapOptions { InitialCapacity = 0, Writers = kind == Kind.One ? MapWriters.One : MapWriters.Many });
}
