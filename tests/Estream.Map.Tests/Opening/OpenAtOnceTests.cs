using Estream.Core;
using Estream.Map.Internal;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Several processes open a map at the same moment after all its writers were killed. Some of them die during recovery, and all
/// others find the same content. Of several writers one recovers the map, and the others wait for it.</summary>
public sealed class OpenAtOnceTests : IDisposable
{
    private const int Writers = 3;
    private const int Openers = 6;
    private const int Dying = 2;

    private static readonly int s_rounds = LongRun.Count(1, 40);

    private readonly TempDirectory _directory = new();
    private readonly Random _random = new(12);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void One_of_several_writers_that_open_at_once_recovers_the_map(bool isOtherBoot, bool someDie)
    {
        for (int round = 0; round < s_rounds; round++)
        {
            string map = _directory.Combine($"map-{round}");
            using (StateMap<long, Account> made =
                StateMap.Open<long, Account>(map, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many }))
            {
                made.Put(0, Account.Of(BankScript.Total));
            }

            KillWriters(
                [.. Enumerable.Range(0, Writers)
                    .Select(writer =>
                        (string[])["transfer", $"{MapWriters.Many}", map, Acknowledgements(round), $"{writer}", $"{writer + round}"])],
                        round);
            if (isOtherBoot)
            {
                Reboot(map);
            }

            long epoch = Epoch(map);
            string seen =
                OpenAtOnce("open-accounts", map, someDie, () => Assert.InRange(Epoch(map), epoch + 1, epoch + 1 + (someDie ? Dying : 0)));
            using StateMap<long, Account> after = StateMap.Open<long, Account>(map);
            Assert.Equal(seen, OpenCommands.Describe(after));
            Assert.Equal(isOtherBoot, after.HostCrashed);
            if (!isOtherBoot)
            {
                Assert.Null(BankScript.WhatIsWrong(after));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Writers_of_a_byte_map_that_open_at_once_open_it_one_after_another(bool someDie)
    {
        for (int round = 0; round < s_rounds; round++)
        {
            string map = _directory.Combine($"map-{round}");
            using (ByteMap made = ByteMap.Open(map, ByteBankScript.Options))
            {
                ByteBankScript.Begin(made);
            }

            KillWriters([["transfer-bytes", map, Acknowledgements(round), $"{round}"]], round);
            long epoch = Epoch(map);
            string seen = OpenAtOnce("open-bytes", map, someDie,
                () => Assert.InRange(Epoch(map), epoch + Openers - (someDie ? Dying : 0), epoch + Openers));
            using ByteMap after = ByteMap.Open(map, ByteBankScript.Options);
            Assert.Equal(seen, OpenCommands.Describe(after));
            Assert.Null(ByteBankScript.WhatIsWrong(after));
            Assert.False(after.HostCrashed);
        }
    }

    private string Acknowledgements(int round) => _directory.Combine($"acknowledgements-{round}");

    // Kills all writers while they are busy, mostly with a transfer.
    private void KillWriters(string[][] commands, int round)
    {
        using MemoryRegion done = FileStorage.Instance.CreateRegion(Acknowledgements(round), Writers * sizeof(long));
        ChildProcess[] writers = [.. commands.Select(Start)];
        try
        {
            long enough = 50 + _random.Next(200);
            for (int index = 0; index < writers.Length; index++)
            {
                ChildProcess writer = writers[index];
                long offset = (long)index * sizeof(long);
                Eventually.True(() => done.All.ReadInt64Acquire(offset) >= enough || writer.HasExited, $"writer {index} makes transfers");
                Assert.False(writer.HasExited, writer.Error);
            }

            // All writers are stopped before the first is killed, so that no writer recovers the leftovers of another.
            Array.ForEach(writers, writer => writer.Signal("STOP"));
            foreach (ChildProcess writer in writers)
            {
                writer.Kill();
                Assert.Equal("", writer.WaitForExit().Error);
            }
        }
        finally
        {
            Array.ForEach(writers, writer => writer.Dispose());
        }
    }

    // If some die, the first process is killed as soon as all have been signalled, and the second when one process has opened the map.
    private static string OpenAtOnce(string command, string map, bool someDie, Action checkWhileOpen)
    {
        ChildProcess[] openers = [.. Enumerable.Range(0, Openers).Select(_ => Start([command, map]))];
        try
        {
            Array.ForEach(openers, opener => opener.WaitForText(OperationScript.Ready));
            foreach (ChildProcess opener in openers)
            {
                opener.Input.WriteLine();
                opener.Input.Flush();
            }

            ChildProcess[] living = someDie ? openers[Dying..] : openers;
            if (someDie)
            {
                openers[0].Kill();
                living[0].WaitForText(OpenCommands.Opened);
                openers[1].Kill();
            }

            string[] seen = [.. living.Select(SeenBy)];
            Assert.All(seen, each => Assert.Equal(seen[0], each));
            checkWhileOpen();
            foreach (ChildProcess opener in living)
            {
                opener.Input.Close();
                ProcessResult result = opener.WaitForExit();
                Assert.Equal((0, ""), (result.ExitCode, result.Error));
            }

            return seen[0];
        }
        finally
        {
            Array.ForEach(openers, opener => opener.Dispose());
        }
    }

    private static string SeenBy(ChildProcess opener)
    {
        opener.WaitForText(OpenCommands.Opened);
        return opener.Output.Split('\n').Single(line => line.StartsWith(OpenCommands.Opened, StringComparison.Ordinal)).Trim();
    }

    private static ChildProcess Start(string[] arguments) =>
        ChildProcess.StartDotnet(BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll"), arguments);

    // Gives map.meta the state of the next boot after writers had the map open.
    private static void Reboot(string map)
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(Path.Combine(map, MapFormat.MetaFile), RegionAccess.ReadWrite);
        Assert.Equal(MetaLayout.StateOpen, meta.All.ReadInt64(MetaLayout.WriterState));
        meta.All.WriteInt64(MetaLayout.BootId, 4711);
    }

    private static long Epoch(string map)
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(Path.Combine(map, MapFormat.MetaFile), RegionAccess.ReadOnly);
        return meta.All.ReadInt64Acquire(MetaLayout.WriterEpoch);
    }
}
