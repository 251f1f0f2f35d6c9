using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>
/// Three writer and two reader processes on one map. One of them is killed at a random moment, repeatedly, and replaced by another. Every
/// writer that starts checks that its acknowledged operations are there; readers check every value they read; at the end everything is
/// checked once more.
/// </summary>
public sealed class MultiWriterKillTests : IDisposable
{
    private const int Seed = 19;
    private const int Writers = 3;
    private const int Readers = 2;

    private static readonly int s_kills = LongRun.Count(40, 1_000);

    private readonly TempDirectory _directory = new();
    private readonly Random _random = new(Seed);
    private readonly ChildProcess[] _processes = new ChildProcess[Writers + Readers];

    private string MapDirectory => _directory.Combine("map");

    private string Acknowledgements => _directory.Combine("acknowledgements");

    public void Dispose() => _directory.Dispose();

    /// <summary>Most of a writer's time goes into the value under the lock, so most crashes leave a half-written value, which the next
    /// writer restores.</summary>
    [Fact]
    public void Crashes_of_writers_lose_no_acknowledged_wide_value() =>
        Assert.InRange(KillAgainAndAgain("wide", CheckedValue.Of, value => value.IsWhole ? value.Operation : -1), 1, long.MaxValue);

    /// <summary>Most of a writer's time goes into searching, locking and migrating.</summary>
    [Fact]
    public void Crashes_of_writers_lose_no_acknowledged_word_sized_value() => KillAgainAndAgain("words", mark => mark, value => value);

    private long KillAgainAndAgain<TValue>(string kind, Func<long, TValue> make, Func<TValue, long> read)
        where TValue : unmanaged
    {
        using MemoryRegion region = FileStorage.Instance.CreateRegion(Acknowledgements, Writers * ManyScript.AcknowledgementBytes);
        using (StateMap<long, TValue> map = Open<TValue>())
        {
            map.PutMany([.. Enumerable.Range(0, ManyScript.Counters).Select(counter => ManyScript.CounterOf(counter))],
                [.. Enumerable.Repeat(make(0), ManyScript.Counters)]);
        }

        try
        {
            for (int index = 0; index < _processes.Length; index++)
            {
                Start(kind, index);
            }

            for (int kill = 0; kill < s_kills; kill++)
            {
                KillOne(kind, kill, region.All);
            }
        }
        finally
        {
            foreach (ChildProcess? process in _processes)
            {
                process?.Dispose();
            }
        }

        return Check(region.All, read);
    }

    // At the end a writer opens the map alone, so that it recovers everything at once. A reader opens it before that and recovers nothing.
    private long Check<TValue>(RegionSpan acknowledgements, Func<TValue, long> read)
        where TValue : unmanaged
    {
        using StateMap<long, TValue> reader = StateMap.OpenReadOnly<long, TValue>(MapDirectory);
        long[] done = [.. Enumerable.Range(0, Writers).Select(writer => Done(acknowledgements, writer))];
        Assert.All(done,
            (operations, writer) =>
                Assert.True(ManyScript.IsModel(reader, writer, operations, read), $"writer {writer} after {operations} operations"));
        using StateMap<long, TValue> map = Open<TValue>();
        Assert.All(done,
            (operations, writer) =>
                Assert.True(ManyScript.IsModel(map, writer, operations, read), $"writer {writer} after {operations} operations"));
        Assert.Equal(map.CountByEnumeration(), map.Count);
        Assert.All(map, pair => Assert.True(ManyScript.IsPossible(pair.Key, read(pair.Value)), $"key {pair.Key}"));

        // An increment may have been done and not acknowledged, once per crash.
        long additions = Enumerable.Range(0, Writers)
            .Sum(writer => acknowledgements.ReadInt64((writer * ManyScript.AcknowledgementBytes) + ManyScript.AdditionsOffset));
        long sum = Enumerable.Range(0, ManyScript.Counters)
            .Sum(counter => map.TryGet(ManyScript.CounterOf(counter), out TValue value) ? read(value) : 0);
        Assert.InRange(sum, additions, additions + s_kills + Writers);
        Assert.True(done.Sum() > s_kills * 40, $"only {done.Sum()} operations were done");
        Assert.False(map.HostCrashed);
        return map.GetStatistics().Takeovers;
    }

    private void Start(string kind, int index)
    {
        string program = BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll");
        _processes[index] = ChildProcess.StartDotnet(program, index < Writers
            ? ["many-write", kind, MapDirectory, Acknowledgements, $"{index}"]
            : ["many-read", kind, MapDirectory, $"{Writers}"]);
    }

    // Kills mostly writers: three of four times while they write, otherwise at a random moment of their start.
    private void KillOne(string kind, int kill, RegionSpan acknowledgements)
    {
        int index = kill % 5 == 4 ? Writers + _random.Next(Readers) : _random.Next(Writers);
        ChildProcess process = _processes[index];
        if (index < Writers && kill % 4 != 3)
        {
            long before = Done(acknowledgements, index);
            long enough = before + 1 + _random.Next(300);
            Eventually.True(() => Done(acknowledgements, index) >= enough || process.HasExited, $"writer {index} writes");
        }

        Assert.False(process.HasExited, $"process {index} ended by itself before kill {kill} (seed {Seed}): {process.Error}");
        process.Kill();
        Assert.Equal("", process.WaitForExit().Error);
        process.Dispose();
        Start(kind, index);
    }

    private static long Done(RegionSpan acknowledgements, int writer) =>
        acknowledgements.ReadInt64Acquire((long)writer * ManyScript.AcknowledgementBytes);

    private StateMap<long, TValue> Open<TValue>()
        where TValue : unmanaged =>
        StateMap.Open<long, TValue>(MapDirectory, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
}
