using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Writers and readers in other processes; the writer is killed at random moments.</summary>
public sealed class OtherProcessTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static string TestProgram => BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Another_process_reads_whole_values_while_one_writes()
    {
        using ChildProcess writer = Start("write", _directory.Path);
        int seconds = LongRun.Count(4, 60);
        using ChildProcess reader = Start("read", _directory.Path, $"{seconds}");
        EstreamLeaseException refused = Assert.Throws<EstreamLeaseException>(() => StateMap.Open<long, CheckedValue>(_directory.Path));
        Assert.Equal(writer.Id, refused.OwnerProcessId);
        ProcessResult result = reader.WaitForExit(TimeSpan.FromSeconds(seconds + 300));
        Assert.True(result.ExitCode == 0, result.Error);
        writer.Kill();
    }

    [Fact]
    public void A_writer_killed_at_any_moment_leaves_exactly_its_completed_operations()
    {
        // The n-th operation follows from n, and the writer records n in the map after doing it. So the map must be the model after n
        // operations, or after n + 1 if the last one was done but not recorded. Readers see the same before any writer has recovered the
        // map.
        int kills = LongRun.Count(10, 200);
        Random random = new(4711);
        Dictionary<long, long> model = [];
        long modelled = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            using ChildProcess writer = Start("write", _directory.Path);
            using StateMap<long, CheckedValue> reader = StateMap.OpenReadOnly<long, CheckedValue>(_directory.Path);
            long enough = modelled + random.Next(9_000);
            Eventually.True(() => reader.UserWord(OperationScript.DoneWord) > enough, "the writer has done something");
            writer.Kill();

            long done = reader.UserWord(OperationScript.DoneWord);
            for (; modelled < done; modelled++)
            {
                OperationScript.Apply(model, modelled + 1);
            }

            AssertIsModel(reader, model, done);
            using StateMap<long, CheckedValue> writerAgain = StateMap.Open<long, CheckedValue>(_directory.Path);
            AssertIsModel(writerAgain, model, done);
            AssertIsModel(reader, model, done);
            Assert.Equal(writerAgain.CountByEnumeration(), writerAgain.Count);
            Assert.False(writerAgain.HostCrashed);
        }

    }

    [Fact]
    public void A_map_that_was_not_disposed_keeps_its_memory_until_the_last_write_ends()
    {
        ProcessResult result = ChildProcess.StartDotnet(TestProgram, ["drop", $"{LongRun.Count(3, 30)}"]).WaitForExit();
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("dropped", result.Output, StringComparison.Ordinal);
    }

    /// <summary>Starts the test process and waits until it has opened its map.</summary>
    internal static ChildProcess Start(params string[] arguments)
    {
        ChildProcess process = ChildProcess.StartDotnet(TestProgram, arguments);
        process.WaitForText(OperationScript.Ready);
        return process;
    }

    private static void AssertIsModel(StateMap<long, CheckedValue> map, Dictionary<long, long> before, long done)
    {
        Dictionary<long, long> after = new(before);
        OperationScript.Apply(after, done + 1);
        Dictionary<long, long> found = [];
        foreach ((long key, CheckedValue value) in map)
        {
            Assert.True(value.IsWhole, $"key {key} is torn");
            Assert.True(map.TryGet(key, out CheckedValue same) && same.IsWhole && same.Operation == value.Operation);
            found.Add(key, value.Operation);
        }

        bool isBefore = IsSame(found, before);
        Assert.True(isBefore || IsSame(found, after),
            $"after {done} operations {found.Count} entries are not those of the model ({before.Count})");
    }

    internal static bool IsSame(Dictionary<long, long> left, Dictionary<long, long> right) =>
        left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out long operation) && operation == pair.Value);
}
