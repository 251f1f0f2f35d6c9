using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>
/// The writers of a queue were killed and its machine was restarted. Several processes open the queue at the same moment, and those that
/// recover it are killed meanwhile. In the end one process recovers it, all others find its result, and no message that a reader had read
/// before is lost.
/// </summary>
public sealed class OpenTogetherTests : QueueCase
{
    private const int Writers = 3;
    private const int AcknowledgementBytes = 64;
    private const int WrittenSegments = 40;
    private const int Openers = 6;
    private const int MostKilled = 2;

    // The openers append as writers with these numbers and higher ones.
    private const int FirstOpener = 100;

    private static readonly Guid s_earlierRun = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    private static readonly int s_rounds = LongRun.Count(3, 60);

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void One_of_the_processes_that_open_a_queue_at_once_recovers_it_for_all(AppenderMode mode)
    {
        KillRounds rounds = new(s_rounds, atWork: 1);
        for (int round = 0; !rounds.AreOver; round++)
        {
            string directory = Beside($"queue-{round}");
            using MemoryRegion acknowledgements =
                FileStorage.Instance.CreateRegion(directory + ".acknowledgements", Writers * AcknowledgementBytes);
            WriteUntilKilled(directory, mode, round);
            (long end, string seen) = ReadAll(directory);
            Overwrite(MetadataOf(directory), DurabilityLayout.BootOffset, s_earlierRun.ToByteArray());
            (int inIt, string[] found, int[] survivors) = OpenTogether(directory);
            rounds.Add(inIt > 0);
            using EstreamQueue queue = EstreamQueue.Open(directory);
            QueueRecovery recovery = Assert.IsType<QueueRecovery>(queue.Recovery);
            Assert.Equal(QueueRecoveryCause.MachineRestart, recovery.Cause);
            using QueueTailer tailer = queue.CreateTailer();
            string left = $"found {recovery.RecoveredAt} {recovery.EndPosition} {QueueContents.ReadTo(tailer, recovery.EndPosition)}";
            Assert.All(found, line => Assert.Equal(left, line));
            tailer.SeekToStart();
            Assert.Equal(seen, QueueContents.ReadTo(tailer, end));
            AssertWhole(queue, mode, recovery, acknowledgements.All, survivors);
        }
    }

    // Starts one exclusive writer or three concurrent ones, and kills them during their work.
    private static void WriteUntilKilled(string directory, AppenderMode mode, int round)
    {
        ChildProcess[] writers =
        [
            .. Enumerable.Range(0, mode == AppenderMode.Exclusive ? 1 : Writers).Select(writer => mode == AppenderMode.Exclusive
                ? StartOther("write", directory, $"{round}", "0")
                : StartOther("shared-write", directory, $"{writer}", directory + ".acknowledgements", "0")),
        ];
        try
        {
            Eventually.True(
                () => writers.Any(writer => writer.HasExited)
                    || (Directory.Exists(directory) && Directory.GetFiles(directory, "*.seg").Length >= WrittenSegments),
                "the writers fill some segments");
            foreach (ChildProcess writer in writers)
            {
                Assert.False(writer.HasExited, writer.Error);
                writer.Kill();
                Assert.Equal("", writer.WaitForExit().Error);
            }
        }
        finally
        {
            foreach (ChildProcess writer in writers)
            {
                writer.Dispose();
            }
        }
    }

    /// <returns>The end position of a read-only reader and the messages that it reads. The reader stops at the first uncommitted claim,
    /// because it may not reclaim claims of dead writers.</returns>
    private static (long End, string Seen) ReadAll(string directory)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out _))
        {
        }

        long end = tailer.Position;
        tailer.SeekToStart();
        return (end, QueueContents.ReadTo(tailer, end));
    }

    /// <returns>The number of processes killed during recovery, the result of the others, and their numbers.</returns>
    private static (int KilledInIt, string[] Found, int[] Survivors) OpenTogether(string directory)
    {
        string gatePath = directory + ".gate";
        using MemoryRegion gate = FileStorage.Instance.CreateRegion(gatePath, sizeof(int));
        ChildProcess[] openers =
            [.. Enumerable.Range(0, Openers).Select(opener => StartOther("open", directory, gatePath, $"{FirstOpener + opener}"))];
        try
        {
            foreach (ChildProcess opener in openers)
            {
                opener.WaitForText("ready");
            }

            gate.All.WriteInt32Release(0, 1);
            gate.WakeInt32(0);
            (HashSet<int> killed, int inIt) = KillThoseThatRecover(directory, openers);
            int[] survivors = [.. Enumerable.Range(0, Openers).Where(opener => !killed.Contains(opener))];
            string[] found = [.. survivors.Select(opener => End(openers[opener]))];
            return (inIt, found, survivors);
        }
        finally
        {
            foreach (ChildProcess opener in openers)
            {
                opener.Dispose();
            }
        }
    }

    // A process that holds a lock exclusively before the queue is recovered is the recovering one. All others wait for that lock, and no
    // other lock is held that way.
    private static (HashSet<int> Killed, int InIt) KillThoseThatRecover(string directory, ChildProcess[] openers)
    {
        using MemoryRegion metadata = FileStorage.Instance.OpenRegion(MetadataOf(directory), RegionAccess.ReadOnly);
        var killed = new HashSet<int>();
        int inIt = 0;
        Eventually.True(
            () =>
            {
                int recovering = killed.Count == MostKilled ? -1 : Array.FindIndex(openers, opener => HoldsLock(opener.Id));
                if (IsRecovered(metadata.All) || openers.All(opener => opener.HasExited))
                {
                    return true;
                }

                if (recovering >= 0 && killed.Add(recovering))
                {
                    openers[recovering].Kill();
                    inIt += IsRecovered(metadata.All) ? 0 : 1;
                }

                return false;
            },
            "one of the processes has recovered the queue");
        return (killed, inIt);
    }

    // Checks the boot id, which is the last field that a recovery writes.
    private static bool IsRecovered(RegionSpan metadata) =>
        new Guid(metadata.ReadOnlySpan(DurabilityLayout.BootOffset, DurabilityLayout.BootBytes)) == FileStorage.Instance.BootId;

    // A line of the file: "1: FLOCK  ADVISORY  WRITE 1234 00:2f:5678 0 EOF".
    private static bool HoldsLock(int processId) =>
        File.ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(
            words => words.Length > 4 && words[1] == "FLOCK" && words[3] == "WRITE" && words[4] == $"{processId}");

    private static string End(ChildProcess opener)
    {
        opener.WaitForText("appended");
        opener.Input.Close();
        ProcessResult end = opener.WaitForExit();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return end.Output.Split('\n').Single(line => line.StartsWith("found ", StringComparison.Ordinal));
    }

    // The log continues after the recovered messages and contains the message of each survivor. If recovery truncated nothing, it also
    // contains all recorded messages.
    private static void AssertWhole(EstreamQueue queue, AppenderMode mode, QueueRecovery recovery, RegionSpan acknowledgements,
        int[] survivors)
    {
        queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        using QueueTailer tailer = queue.CreateTailer();
        var order = new WriterOrder();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (mode == AppenderMode.Exclusive && message.Position < recovery.EndPosition)
            {
                Assert.True(SeededMessage.Is(message.Payload, message.Sequence),
                    $"message {message.Sequence} at {message.Position} differs");
            }
            else
            {
                order.Add(message);
            }
        }

        order.EndOfLog();
        Assert.All(survivors, opener => Assert.Equal(1, order.CountOf(FirstOpener + opener)));
        for (int writer = 0; writer < Writers && recovery.IsWhole; writer++)
        {
            Assert.InRange(order.CountOf(writer), acknowledgements.ReadInt64Acquire((long)writer * AcknowledgementBytes), long.MaxValue);
        }

        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
    }

    private static string MetadataOf(string directory) => Path.Combine(directory, MetadataLayout.QueueFile);
}
