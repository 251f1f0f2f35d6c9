using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A writer process is killed at random moments, repeatedly on the same queue, while another process follows the queue. After each
/// crash every message reported as appended is there once, in order and whole, and the follower has read no other message.</summary>
public sealed class KillTests : QueueCase
{
    private static readonly int s_kills = LongRun.Count(10, 200);

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(0, true)]
    [InlineData(3, true)]
    public void Messages_reported_by_a_killed_writer_are_there_and_no_reader_saw_a_torn_one(int retainedSegments, bool encrypted)
    {
        const int Seed = 9;
        var random = new Random(Seed);
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, SmallWith(encrypted)))
        {
            // Creates the first segment, so that the follower pins a segment from its first read on, even if a fast writer has retention.
            queue.CreateAppender(AppenderMode.Exclusive).Dispose();
        }

        using ChildProcess follower = StartOther("tail", QueueDirectory);
        follower.WaitForText("tailing");
        long next = 0;
        for (int kill = 0; kill < s_kills; kill++)
        {
            long reported = WriteUntilKilled(kill, retainedSegments, random);
            Assert.True(reported < 0 || reported >= next, $"kill {kill} (seed {Seed}): message {reported} was reported twice");
            next = AssertWhole(Math.Max(reported + 1, next), $"kill {kill} (seed {Seed})");
        }

        Assert.True(next > s_kills / 2, "the writers hardly wrote");
        follower.Input.Close();
        ProcessResult end = follower.WaitForExit().EnsureSuccess();
        Assert.Contains($"tailed {next}", end.Output, StringComparison.Ordinal);
        Assert.Equal("", end.Error);
    }

    /// <returns>The last message that the writer reported, or -1 if there is none.</returns>
    private long WriteUntilKilled(int seed, int retainedSegments, Random random)
    {
        using ChildProcess writer = StartOther("write", QueueDirectory, $"{seed}", $"{retainedSegments * SegmentBytes}");
        if (seed % 4 != 3)
        {
            Eventually.True(() => writer.Output.Length > 0, "the writer reports its first message");
        }

        // Every fourth process is killed at a random moment of its start, the others while they append.
        Thread.Sleep(random.Next(seed % 4 == 3 ? 200 : 60));
        writer.Kill();
        ProcessResult result = writer.WaitForExit();
        Assert.Equal("", result.Error);
        return LastReported(result.Output);
    }

    // A line that the crash has cut off contains a smaller number than the line before it, and does not count as a report.
    private static long LastReported(string output)
    {
        long last = -1;
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            long sequence = long.Parse(line);
            if (last >= 0 && sequence != last + 1)
            {
                Assert.True($"{last + 1}".StartsWith(line, StringComparison.Ordinal), $"{line} was reported after {last}");
                break;
            }

            last = sequence;
        }

        return last;
    }

    private long AssertWhole(long atLeast, string when)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, new QueueOptions { Keys = QueueAccess.Keys(QueueDirectory) });
        QueueInfo info = queue.GetInfo();
        Assert.True(info.NextSequence >= atLeast, $"{when}: message {info.NextSequence} is missing, {atLeast - 1} was reported");
        Assert.True(info.NextSequence <= atLeast + 1, $"{when}: {info.NextSequence - atLeast} messages are there that were never reported");
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, $"{when}: {verification.Damage?.Reason}");
        if (info.MessageCount > 0)
        {
            using QueueTailer tailer = queue.CreateTailer();
            Assert.Equal(info.NextSequence, ReadToEnd(tailer, info.FirstSequence));
        }

        return info.NextSequence;
    }
}
