using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Snapshots while writers run: a snapshot has the content of one moment.</summary>
public sealed class SnapshotConcurrencyTests : IDisposable
{
    private const int Keys = 700;

    private static readonly int s_snapshots = LongRun.Count(60, 600);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>One writer counts: it stores number n under key n modulo the number of keys. Another writer records the newest number it
    /// has seen. A snapshot has no gap in the count, and its recorded number is not newer than its count.</summary>
    [Fact]
    public async Task A_snapshot_contains_the_changes_of_several_writers_up_to_one_moment()
    {
        using StateMap<long, long> counting = Open();
        using StateMap<long, long> watching = Open();
        using StateMap<long, long> taking = Open();
        using CancellationTokenSource end = new();
        Task count = Task.Factory.StartNew(() => Count(counting, end.Token), TaskCreationOptions.LongRunning);
        Task watch = Task.Factory.StartNew(() => Watch(watching, end.Token), TaskCreationOptions.LongRunning);
        try
        {
            for (int turn = 0; turn < s_snapshots; turn++)
            {
                using MapSnapshot<long, long> snapshot = taking.CreateSnapshot();
                Check(snapshot);
                taking.Put(turn, -1);
            }
        }
        finally
        {
            await end.CancelAsync();
        }

        await count;
        await watch;
    }

    /// <summary>With a single writer, which creates the snapshots itself, other threads read them while it continues.</summary>
    [Fact]
    public async Task Threads_read_a_snapshot_while_the_single_writer_writes()
    {
        using StateMap<long, (long, long, long)> map = StateMap.CreateInMemory<long, (long, long, long)>(0);
        for (long key = 0; key < Keys; key++)
        {
            map.Put(key, (0, 0, 0));
        }

        for (long turn = 1; turn <= LongRun.Count(30, 300); turn++)
        {
            using MapSnapshot<long, (long, long, long)> snapshot = map.CreateSnapshot();
            long expected = turn - 1;
            Task read = Task.Factory.StartNew(() => Assert.All(snapshot, pair => Assert.Equal((expected, expected, expected), pair.Value)),
                TaskCreationOptions.LongRunning);
            for (long key = 0; key < Keys; key++)
            {
                map.Put(key, (turn, turn, turn));
            }

            await read;
            Assert.Equal(Keys, snapshot.Count);
        }
    }

    private static long SlotOf(long number) => 10_000 + (number % Keys);

    private static void Count(StateMap<long, long> map, CancellationToken end)
    {
        for (long number = 1; !end.IsCancellationRequested; number++)
        {
            map.Put(SlotOf(number), number);
        }
    }

    private static void Watch(StateMap<long, long> map, CancellationToken end)
    {
        long newest = 0;
        while (!end.IsCancellationRequested)
        {
            while (map.TryGet(SlotOf(newest + 1), out long number) && number > newest)
            {
                newest++;
            }

            map.Put(20_000 + (newest % 16), newest);
        }
    }

    private static void Check(MapSnapshot<long, long> snapshot)
    {
        long newest = snapshot.Where(pair => pair.Key is >= 10_000 and < 20_000).Select(pair => pair.Value).DefaultIfEmpty(0).Max();
        for (long number = newest; number > 0 && number > newest - Keys; number--)
        {
            Assert.True(snapshot.TryGet(SlotOf(number), out long found) && found == number, $"{number} is missing, and {newest} is there");
        }

        Assert.All(snapshot.Where(pair => pair.Key >= 20_000),
            pair => Assert.True(pair.Value <= newest, $"{pair.Value} was seen, and {newest} is the newest"));
    }

    private StateMap<long, long> Open() =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
}
