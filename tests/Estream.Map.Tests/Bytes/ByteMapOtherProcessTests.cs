using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A byte map written and read by other processes; the writer is killed at random moments.</summary>
public sealed class ByteMapOtherProcessTests : IDisposable
{
    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Another_process_reads_whole_values_while_a_writer_changes_their_lengths()
    {
        using ChildProcess writer = OtherProcessTests.Start("write-bytes", _directory.Path);
        int seconds = LongRun.Count(4, 60);
        using ChildProcess reader = OtherProcessTests.Start("read-bytes", _directory.Path, $"{seconds}");
        EstreamLeaseException refused = Assert.Throws<EstreamLeaseException>(() => ByteMap.Open(_directory.Path));
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
        int kills = LongRun.Count(8, 200);
        Random random = new(4711);
        Dictionary<long, long> model = [];
        long modelled = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            using ChildProcess writer = OtherProcessTests.Start("write-bytes", _directory.Path);
            using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
            long enough = modelled + random.Next(9_000);
            Eventually.True(() => reader.UserWord(OperationScript.DoneWord) > enough, "the writer has done something");
            writer.Kill();

            long done = reader.UserWord(OperationScript.DoneWord);
            for (; modelled < done; modelled++)
            {
                OperationScript.Apply(model, modelled + 1);
            }

            AssertIsModel(reader, model, done, isRepaired: false);
            using ByteMap writerAgain = ByteMap.Open(_directory.Path, ByteScript.Options);
            AssertIsModel(writerAgain, model, done);
            AssertIsModel(reader, model, done);
            Assert.False(writerAgain.HostCrashed);
            AssertIsBounded(writerAgain);
        }
    }

    // Crashes leave uncounted garbage; it must not accumulate.
    private static void AssertIsBounded(ByteMap map)
    {
        ByteMapStatistics figures = map.GetStatistics();
        Assert.True(figures.HeapBytes < (3 * figures.LiveBytes) + (16 << 20), $"{figures}");
    }

    private static void AssertIsModel(ByteMap map, Dictionary<long, long> before, long done, bool isRepaired = true)
    {
        Dictionary<long, long> after = new(before);
        OperationScript.Apply(after, done + 1);
        Dictionary<long, long> found = [];
        foreach (ByteMapEntry entry in map)
        {
            Assert.True(ByteScript.IsRight(entry.Key, entry.Value), $"key {Convert.ToHexString(entry.Key)} has what nobody wrote there");
            found.Add(BitConverter.ToInt64(entry.Key), BitConverter.ToInt64(entry.Value));
        }


        // If a writer is killed between changing an entry and its count, the count is off by one until the next writer opens the map.
        Assert.InRange(map.Count, found.Count - (isRepaired ? 0 : 1), found.Count + (isRepaired ? 0 : 1));
        Assert.All(found,
            pair => Assert.True(map.TryGet(ByteScript.KeyOf(pair.Key), out byte[]? value) && BitConverter.ToInt64(value) == pair.Value));
        bool isModel = OtherProcessTests.IsSame(found, before) || OtherProcessTests.IsSame(found, after);
        Assert.True(isModel, $"after {done} operations {found.Count} entries are not those of the model ({before.Count})");
    }
}
