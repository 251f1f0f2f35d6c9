using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>
/// Processes transfer money between accounts of one map in batches and are killed at random moments, mostly in the middle of a batch. The
/// sum of all accounts never changes: in every snapshot that a process takes, in every snapshot that the test takes meanwhile, and when the
/// map is opened after all processes have died.
/// </summary>
public sealed class BankKillTests : IDisposable
{
    private const int Processes = 3;

    private static readonly int s_rounds = LongRun.Count(7, 340);

    private readonly TempDirectory _directory = new();
    private readonly Random _random = new(76);
    private readonly ChildProcess?[] _processes = new ChildProcess?[Processes];

    private string Acknowledgements => _directory.Combine("acknowledgements");

    private string MapDirectory => _directory.Combine("map");

    public void Dispose()
    {
        Array.ForEach(_processes, process => process?.Dispose());
        _directory.Dispose();
    }

    [Fact]
    public void Crashes_of_several_processes_keep_the_sum_of_all_accounts()
    {
        using MemoryRegion done = FileStorage.Instance.CreateRegion(Acknowledgements, Processes * sizeof(long));
        using (StateMap<long, Account> map = Open(MapWriters.Many))
        {
            map.Put(0, Account.Of(BankScript.Total));
        }

        for (int round = 0; round < s_rounds; round++)
        {
            for (int process = 0; process < Processes; process++)
            {
                Start(process, (round * Processes) + process);
            }

            // The first processes die while another one has the map open and meets their leftovers; the last one dies alone.
            using (StateMap<long, Account> beside = Open(MapWriters.Many))
            {
                for (int process = 0; process < Processes - 1; process++)
                {
                    Kill(process, done.All);
                    Assert.Null(BankScript.WhatIsWrong(beside));
                }
            }

            Kill(Processes - 1, done.All);
            using StateMap<long, Account> after = Open(round % 2 == 0 ? MapWriters.One : MapWriters.Many);
            Assert.Null(BankScript.WhatIsWrong(after));
            Assert.Equal(BankScript.Total, after.Sum(pair => pair.Value.Balance));
            Assert.False(after.HostCrashed);
        }
    }

    [Fact]
    public void Crashes_of_the_single_writer_keep_the_sum_of_all_accounts()
    {
        using MemoryRegion done = FileStorage.Instance.CreateRegion(Acknowledgements, Processes * sizeof(long));
        using (StateMap<long, Account> map = Open(MapWriters.One))
        {
            map.Put(0, Account.Of(BankScript.Total));
        }

        for (int round = 0; round < s_rounds; round++)
        {
            Start(0, round, MapWriters.One);
            Kill(0, done.All);
            using StateMap<long, Account> after = Open(MapWriters.One);
            Assert.Null(BankScript.WhatIsWrong(after));
            Assert.False(after.HostCrashed);
        }
    }

    [Fact]
    public void Crashes_of_the_writer_of_a_byte_map_keep_the_sum_of_all_accounts()
    {
        using MemoryRegion done = FileStorage.Instance.CreateRegion(Acknowledgements, Processes * sizeof(long));
        using (ByteMap map = ByteMap.Open(MapDirectory, ByteBankScript.Options))
        {
            ByteBankScript.Begin(map);
        }

        for (int round = 0; round < s_rounds; round++)
        {
            done.All.WriteInt64(0, 0);
            Start(0, ["transfer-bytes", MapDirectory, Acknowledgements, $"{round}"]);
            Kill(0, done.All);
            using ByteMap after = ByteMap.Open(MapDirectory, ByteBankScript.Options);
            Assert.Null(ByteBankScript.WhatIsWrong(after));
            Assert.False(after.HostCrashed);
        }
    }

    private StateMap<long, Account> Open(MapWriters writers) =>
        StateMap.Open<long, Account>(MapDirectory, new MapOptions { InitialCapacity = 0, Writers = writers });

    private void Start(int process, int seed, MapWriters writers = MapWriters.Many) =>
        Start(process, ["transfer", $"{writers}", MapDirectory, Acknowledgements, $"{process}", $"{seed}"]);

    private void Start(int process, string[] arguments) =>
        _processes[process] =
        ChildProcess.StartDotnet(BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll"), arguments);

    private void Kill(int index, RegionSpan done)
    {
        ChildProcess process = _processes[index]!;
        long enough = Done() + _random.Next(200) + 1;
        Eventually.True(() => Done() >= enough || process.HasExited, $"process {index} makes transfers");
        Assert.False(process.HasExited, $"process {index} ended by itself: {process.Error}");
        process.Kill();
        Assert.Equal("", process.WaitForExit().Error);
        process.Dispose();
        _processes[index] = null;

        long Done() => done.ReadInt64Acquire(index * sizeof(long));
    }
}
