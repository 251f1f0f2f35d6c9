using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Reader threads concurrent with the writer. A missing barrier or a wrong order of stores would break the guarantees for
/// readers.</summary>
public sealed class ConcurrencyTests
{
    private static readonly TimeSpan s_duration = LongRun.Duration(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void A_key_that_stays_is_always_found_while_others_are_added_and_removed(MapHome home)
    {
        // Few buckets and many added and removed neighbours move entries far from home and reuse slots all the time.
        using MapUnderTest<long, long> under = new(home);
        const int Staying = 40;
        for (long key = 0; key < Staying; key++)
        {
            under.Map.Put(key * 1_000, key);
        }

        Run(
            stop =>
            {
                for (long stranger = 1; !stop.IsCancellationRequested; stranger++)
                {
                    under.Map.Put(-stranger, stranger);
                    if (stranger > 40)
                    {
                        Assert.True(under.Map.Remove(-(stranger - 40)));
                    }
                }
            },
            stop =>
            {
                while (!stop.IsCancellationRequested)
                {
                    for (long key = 0; key < Staying; key++)
                    {
                        Assert.True(under.Map.TryGet(key * 1_000, out long value), "a key that was there all the time was missed");
                        Assert.Equal(key, value);
                    }
                }
            });
    }

    [Fact]
    public void A_reader_never_gets_the_value_of_another_key()
    {
        // Each value contains its key. Freed slots get another key at once.
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(0);
        Run(
            stop =>
            {
                for (long turn = 0; !stop.IsCancellationRequested; turn++)
                {
                    map.Put(turn % 200, ((turn % 200) << 32) | (turn & 0xFFFF));
                    map.Remove((turn * 7) % 200);
                }
            },
            stop =>
            {
                while (!stop.IsCancellationRequested)
                {
                    for (long key = 0; key < 200; key++)
                    {
                        if (map.TryGet(key, out long value))
                        {
                            Assert.Equal(key, value >> 32);
                        }
                    }

                    foreach ((long key, long value) in map)
                    {
                        Assert.Equal(key, value >> 32);
                    }
                }
            });
    }

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void A_large_value_is_whole_and_never_older_than_one_seen_before(MapHome home)
    {
        using MapUnderTest<long, CheckedValue> under = new(home);
        for (long key = 0; key < 4; key++)
        {
            under.Map.Put(key, CheckedValue.Of(0));
        }

        Run(
            stop =>
            {
                for (long operation = 1; !stop.IsCancellationRequested; operation++)
                {
                    under.Map.Put(operation & 3, CheckedValue.Of(operation));
                }
            },
            stop =>
            {
                long[] last = new long[4];
                while (!stop.IsCancellationRequested)
                {
                    for (long key = 0; key < 4; key++)
                    {
                        Assert.True(under.Map.TryGet(key, out CheckedValue value));
                        Assert.True(value.IsWhole);
                        Assert.True(value.Operation >= last[key], "time ran backwards");
                        last[key] = value.Operation;
                    }
                }
            });
    }

    [Fact]
    public void Readers_continue_while_the_map_grows_and_is_cleared()
    {
        using TempDirectory directory = new();
        using StateMap<long, long> map = StateMap.Open<long, long>(directory.Path, new MapOptions { InitialCapacity = 0 });
        using StateMap<long, long> other = StateMap.OpenReadOnly<long, long>(directory.Path);
        map.Put(long.MaxValue, 1);
        Run(
            stop =>
            {
                for (long turn = 1; !stop.IsCancellationRequested; turn++)
                {
                    map.Put(turn, turn);
                    map.SetUserWord(0, turn);
                    if (turn % 20_000 == 0)
                    {
                        map.SetUserWord(1, turn);
                        map.Clear();
                    }
                }
            },
            stop =>
            {
                while (!stop.IsCancellationRequested)
                {
                    AssertLatestIsThere(map);
                    AssertLatestIsThere(other);
                }
            });
    }

    // An entry put before the word was set is present when the word was read, unless a Clear came in between.
    private static void AssertLatestIsThere(StateMap<long, long> map)
    {
        long latest = map.UserWord(0);
        bool isThere = latest == 0 || map.TryGet(latest, out long value) && value == latest;
        Assert.True(isThere || map.UserWord(1) >= latest, $"{latest} is not there");
    }

    /// <summary>One writer and two readers, until the time is up or one of them fails.</summary>
    internal static void Run(Action<CancellationToken> writer, Action<CancellationToken> reader, TimeSpan? duration = null)
    {
        using CancellationTokenSource stop = new(duration ?? s_duration);
        Task[] tasks =
        [
            Task.Factory.StartNew(() => Guarded(writer, stop), TaskCreationOptions.LongRunning),
            Task.Factory.StartNew(() => Guarded(reader, stop), TaskCreationOptions.LongRunning),
            Task.Factory.StartNew(() => Guarded(reader, stop), TaskCreationOptions.LongRunning),
        ];
        Task.WaitAll(tasks);
    }

    private static void Guarded(Action<CancellationToken> body, CancellationTokenSource stop)
    {
        try
        {
            body(stop.Token);
        }
        catch
        {
            stop.Cancel();
            throw;
        }
    }
}
