using Estream.Core;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>
/// Three writer and two reader processes on one queue, one of them killed at a random moment, again and again, each replaced by another.
/// At the end every message that a writer noted as appended is there, once, whole, in the order of its writer. Of a batch nobody ever sees
/// a part.
/// Each reader has had every message, in all its lives together, and began each life where the one before had committed.
/// </summary>
public sealed class SharedKillTests : QueueCase
{
    private const int Seed = 17;
    private const int Writers = 3;
    private const int Readers = 2;
    private const int AcknowledgementBytes = 64;

    private static readonly int s_kills = LongRun.Count(100, 1_000);

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

        // One that may not write relies on the writers that live; one that may, and keeps segments from reuse, needs nobody.
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

            // Gives up what they left, so that nothing is behind the place of a dead one any more.
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

    // How many messages of each writer a reader has had, in all its lives.
    private string Taken(int reader) => Beside($"taken-{reader}");

    // Before there is a message: from then on everything is kept for them, so that each has to begin with the first of each writer.
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

    // They read to the end once more. Their count is the auditor's, altogether and for each writer.
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

    // Writers mostly: three of four times while they append, else at a random moment of their start.
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

    // While writers live, nothing that a dead one left may keep a reader from what the others wrote behind it.
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

        // Between an append and its note it may have been killed: what is not noted is one message, or one batch.
        Assert.True(
            order.CountOf(writer) == noted || order.LastOf(writer) == noted,
            $"{when} (seed {Seed}): {order.CountOf(writer)} messages of writer {writer}, which noted {noted}; its last append begins with "
            + $"{order.LastOf(writer)}");
    }

    private static long Acknowledged(RegionSpan acknowledgements, int writer) =>
        acknowledgements.ReadInt64Acquire((long)writer * AcknowledgementBytes);
}
