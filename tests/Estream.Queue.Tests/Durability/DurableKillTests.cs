using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A process that appends with group commits is killed at random moments, repeatedly on the same queue. Every message whose wait
/// returned is there once, in order and whole, and the queue still reports it as durable.</summary>
public sealed class DurableKillTests : QueueCase
{
    private static readonly int s_kills = LongRun.Count(12, 150);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_reported_durable_are_there_after_a_crash(bool encrypted)
    {
        const int Seed = 31;
        var random = new Random(Seed);
        EstreamQueue.Open(QueueDirectory, SmallWith(encrypted)).Dispose();
        long last = -1;
        for (int kill = 0; kill < s_kills; kill++)
        {
            using ChildProcess writer = StartOther("write-durable", QueueDirectory, $"{kill}");
            Eventually.True(() => writer.Output.Contains('\n', StringComparison.Ordinal), "the writer reports something durable");
            Thread.Sleep(random.Next(60));
            writer.Kill();
            ProcessResult result = writer.WaitForExit();
            Assert.Equal("", result.Error);
            long reported = LastReported(result.Output);
            Assert.True(reported > last, $"kill {kill}: message {reported} was reported behind {last}");
            last = reported;
            AssertDurable(last, $"kill {kill} (seed {Seed})");
        }
    }

    // A line that the crash has cut off contains a smaller number than the line before it.
    private static long LastReported(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Max(long.Parse);

    private void AssertDurable(long reported, string when)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, new QueueOptions { Keys = QueueAccess.Keys(QueueDirectory) });
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, $"{when}: {verification.Damage?.Reason}");
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(ReadToEnd(tailer, 0) > reported, $"{when}: message {reported} is missing");
        tailer.SeekToSequence(reported);
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.True(message.Position < queue.DurablePosition, $"{when}: message {reported} is durable no more");
    }
}
