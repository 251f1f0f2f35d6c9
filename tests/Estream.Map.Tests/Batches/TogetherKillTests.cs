using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>
/// Processes redistribute the sum of a few tills in batches and are killed at random moments, mostly in the middle of a batch. Processes
/// with read-only access always read the correct sum of all tills together: while writers run, and while batches of dead writers are half
/// applied and no writer completes them. The same holds for the snapshots that the writers lend.
/// </summary>
public sealed class TogetherKillTests : IDisposable
{
    private static readonly int s_rounds = LongRun.Count(6, 340);

    private readonly TempDirectory _directory = new();
    private readonly Random _random = new(133);
    private readonly List<ChildProcess> _writers = [];

    private string Acknowledgements => _directory.Combine("acknowledgements");

    private string MapDirectory => _directory.Combine("map");

    public void Dispose()
    {
        Forget();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(MapWriters.One, 1)]
    [InlineData(MapWriters.Many, 2)]
    public void Readers_see_every_batch_whole_while_writers_run_and_after_they_crash(MapWriters writers, int processes)
    {
        using MemoryRegion done = FileStorage.Instance.CreateRegion(Acknowledgements, processes * sizeof(long));
        using (StateMap<long, Account> map =
            StateMap.Open<long, Account>(MapDirectory, new MapOptions { InitialCapacity = 0, Writers = writers }))
        {
            map.Put(0, Account.Of(TillScript.Total));
        }

        using StateMap<long, Account> beside = StateMap.OpenReadOnly<long, Account>(MapDirectory);
        using ChildProcess other = OtherProcessTests.Start("till-read", MapDirectory);
        TillReader reader = new(beside);
        KillRounds rounds = new(s_rounds, atWork: 1);
        for (int round = 0; !rounds.AreOver; round++)
        {
            for (int writer = 0; writer < processes; writer++)
            {
                Start(writers, writer, (round * processes) + writer);
            }

            for (int writer = 0; writer < processes; writer++)
            {
                Kill(writer, reader, done.All);
            }

            Forget();
            Assert.True(reader.TryRead(), "nobody writes, and reading is not possible");
            Assert.Null(reader.WhatIsWrong());
            Assert.Null(reader.WhatIsWrongInImage());
            Assert.False(other.HasExited, other.Error);
            rounds.Add(reader.Images > 0);
        }

        other.Kill();
        Assert.Equal("", other.WaitForExit().Error);
    }

    private void Start(MapWriters writers, int writer, int seed) => _writers.Add(ChildProcess.StartDotnet(
        BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll"),
        ["till-share", $"{writers}", MapDirectory, Acknowledgements, $"{writer}", $"{seed}"]));

    private void Forget()
    {
        _writers.ForEach(writer => writer.Dispose());
        _writers.Clear();
    }

    private void Kill(int writer, TillReader reader, RegionSpan done)
    {
        ChildProcess process = _writers[writer];
        long enough = Done() + _random.Next(200) + 1;
        Eventually.True(() => Looked() && (Done() >= enough || process.HasExited), $"process {writer} has shared");
        Assert.False(process.HasExited, $"process {writer} ended by itself: {process.Error}");
        process.Kill();
        Assert.Equal("", process.WaitForExit().Error);

        long Done() => done.ReadInt64Acquire(writer * sizeof(long));

        // Makes a few hundred reads per call.
        bool Looked()
        {
            for (int look = 0; look < 200; look++)
            {
                Assert.True(!reader.TryRead() || reader.WhatIsWrong() is null, reader.WhatIsWrong());
            }

            Assert.Null(reader.WhatIsWrongInImage());
            return true;
        }
    }
}
