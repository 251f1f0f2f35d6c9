using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>
/// Three writer and two reader processes on one queue. One of them is killed at a random moment, repeatedly, and replaced by another. At
/// the end every message that a writer recorded as appended is there once, whole, in the order of its writer. No reader ever sees a part of
/// a batch. The readers of a name together have read every message, and each reader has started where the reader before it had committed.
/// </summary>
public sealed class SharedKillTests : QueueCase
{
    private const int Seed = 17;
    private const int Writers = 3;
    private const int Readers = 2;
    private const int AcknowledgementBytes = 64;

    private static readonly int s_kills = LongRun.Count(40, 1_000);

    private readonly Random _random = new(Seed);
    private readonly ChildProcess[] _processes = new ChildProcess[Writers + Readers];
    private readonly int[] _writerOf = new int[Writers];
    private int _writerCount;

    private string Acknowledgements => Beside("acknowledgements");

    [Theory]
    [InlineData(0, false)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public void Messages_recorded_by_killed_writers_are_there_once_and_in_order(int retainedSegments, bool encrypted)
    {
        QueueOptions options = SmallWith(encrypted);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using MemoryRegion region = FileStorage.Instance.CreateRegion(Acknowledgements, (s_kills + Writers + 1L) * AcknowledgementBytes);
        MakeReaders(queue);

        // A reader without write access relies on the living writers to reclaim claims. A reader with write access needs no other process;
        // its name prevents reuse of segments.
        using EstreamQueue reader = retainedSegments == 0
            ? EstreamQueue.OpenReadOnly(QueueDirectory, options)
            : EstreamQueue.Open(QueueDirectory, options);
        using QueueTailer auditor = reader.CreateTailer(retainedSegments == 0 ? null : "auditor");
        var order = new WriterOrder();
        try
        {
            for (int i = 0; i < _processes.Length; i++)
            {
                Start(i, retainedSegments);
            }

            for (int kill = 0; kill < s_kills / (encrypted ? 3 : 1); kill++)
            {
                KillOne(kill, region.All, retainedSegments);
                Read(auditor, order);
                if (kill % 10 == 9)
                {
                    AssertAllSeen(region.All, auditor, order);
                }
            }

            EndWriters();

            // Reclaims the slots left by dead writers, so that no message follows one of them.
            queue.CreateAppender(AppenderMode.Exclusive).Dispose();
            Read(auditor, order);
            EndReaders(order);
        }
        finally
        {
            foreach (ChildProcess? process in _processes)
            {
                process?.Dispose();
            }
        }

        for (int writer = 0; writer < _writerCount; writer++)
        {
            AssertSeen(region.All, order, writer, "at the end");
        }

        Assert.True(order.Count > s_kills * 3, $"only {order.Count} messages were written");
        Assert.True(order.Batches * 50 > order.Count, $"of {order.Count} messages only {order.Batches} batches");
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
    }

    private static string Name(int reader) => $"reader-{reader}";

    // The file with the number of messages of each writer that the readers of a name have read together.
    private string Taken(int reader) => Beside($"taken-{reader}");

    // Creates the names of the readers before the first message. All messages are then retained for the readers, so each must start with
    // the first message of each writer.
    private void MakeReaders(EstreamQueue queue)
    {
        for (int reader = 0; reader < Readers; reader++)
        {
            queue.CreateTailer(Name(reader)).Dispose();
            FileStorage.Instance.CreateRegion(Taken(reader), (s_kills + Writers + 1L) * sizeof(long)).Dispose();
        }
    }

    private void EndWriters()
    {
        foreach (ChildProcess process in _processes.Take(Writers))
        {
            Assert.False(process.HasExited, $"a writer ended by itself (seed {Seed}): {process.Error}");
            process.Kill();
            Assert.Equal("", process.WaitForExit().Error);
        }
    }

    // The readers read to the end once more. Their counts equal those of the auditor, in total and for each writer.
    private void EndReaders(WriterOrder order)
    {
        for (int reader = 0; reader < Readers; reader++)
        {
            ChildProcess process = _processes[Writers + reader];
            process.Input.Close();
            ProcessResult end = process.WaitForExit();
            Assert.Equal((0, ""), (end.ExitCode, end.Error));
            Assert.EndsWith($"followed {order.Count}\n", end.Output, StringComparison.Ordinal);
            using MemoryRegion taken = FileStorage.Instance.OpenRegion(Taken(reader), RegionAccess.ReadOnly);
            for (int writer = 0; writer < _writerCount; writer++)
            {
                Assert.Equal(order.CountOf(writer), taken.All.ReadInt64Acquire((long)writer * sizeof(long)));
            }
        }
    }

    private void Start(int index, int retainedSegments)
    {
        if (index < Writers)
        {
            _writerOf[index] = _writerCount++;
            _processes[index] =
                StartOther("shared-write", QueueDirectory, $"{_writerOf[index]}", Acknowledgements, $"{retainedSegments * SegmentBytes}");
        }
        else
        {
            int reader = index - Writers;
            _processes[index] = StartOther("follow", QueueDirectory, Name(reader), Taken(reader));
        }
    }

    // Kills mostly writers: three of four times while they append, otherwise at a random moment of their start.
    private void KillOne(int kill, RegionSpan acknowledgements, int retainedSegments)
    {
        int index = kill % 5 == 4 ? Writers + _random.Next(Readers) : _random.Next(Writers);
        if (index < Writers && kill % 4 != 3)
        {
            int writer = _writerOf[index];
            Eventually.True(() => Acknowledged(acknowledgements, writer) > 0 || _processes[index].HasExited, $"writer {writer} appends");
        }

        Thread.Sleep(_random.Next(10));
        ChildProcess process = _processes[index];
        Assert.False(process.HasExited, $"process {index} ended by itself before kill {kill} (seed {Seed}): {process.Error}");
        process.Kill();
        Assert.Equal("", process.WaitForExit().Error);
        process.Dispose();
        Start(index, retainedSegments);
    }

    private static void Read(QueueTailer tailer, WriterOrder order)
    {
        while (tailer.TryRead(out QueueMessage message))
        {
            order.Add(message);
        }

        order.EndOfLog();
        tailer.Commit();
    }

    // While writers live, a slot left by a dead writer must not keep a reader from later messages of the others.
    private void AssertAllSeen(RegionSpan acknowledgements, QueueTailer auditor, WriterOrder order)
    {
        long[] noted = [.. Enumerable.Range(0, _writerCount).Select(w => Acknowledged(acknowledgements, w))];
        Eventually.True(
            () =>
            {
                Read(auditor, order);
                return Enumerable.Range(0, noted.Length).All(w => order.CountOf(w) >= noted[w]);
            },
            $"everything noted is read (seed {Seed})");
    }

    private static void AssertSeen(RegionSpan acknowledgements, WriterOrder order, int writer, string when)
    {
        long noted = Acknowledged(acknowledgements, writer);
        Assert.True(order.CountOf(writer) >= noted,
            $"{when} (seed {Seed}): writer {writer} noted {noted} messages, {order.CountOf(writer)} are there");

        // The process may have been killed between an append and its record: at most one message or one batch is not recorded.
        Assert.True(
            order.CountOf(writer) == noted || order.LastOf(writer) == noted,
            $"{when} (seed {Seed}): {order.CountOf(writer)} messages of writer {writer}, which noted {noted}; its last append begins with "
            + $"{order.LastOf(writer)}");
    }

    private static long Acknowledged(RegionSpan acknowledgements, int writer) =>
        acknowledgements.ReadInt64Acquire((long)writer * AcknowledgementBytes);
}
