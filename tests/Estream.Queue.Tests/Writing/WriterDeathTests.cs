using System.Diagnostics;
using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>How long a waiting reader is delayed by a writer that is killed between claim and commit: at most 50 ms.</summary>
public sealed class WriterDeathTests : QueueCase
{
    private const int Kills = 10;

    // On a machine that delays each of the first waits there are more, until one is not delayed.
    private const int MostKills = 60;

    private static readonly TimeSpan s_promised = TimeSpan.FromMilliseconds(50);

    /// <summary>The reader that waits behind the claim of the dead writer.</summary>
    public enum Sleeper
    {
        /// <summary>A blocked reader; no other process can reclaim the slot.</summary>
        Blocked,

        /// <summary>A reader that awaits; no other process can reclaim the slot.</summary>
        Awaiting,

        /// <summary>A blocked reader without write access, which relies on the maintenance thread of a living writer.</summary>
        BesideWriter,
    }

    /// <summary>Checks only the shortest of at least ten waits. A busy machine delays some waits arbitrarily, but a delay caused by the
    /// queue occurs in each. So the test fails if the queue is slow, and not if the machine is.</summary>
    [Theory]
    [InlineData(Sleeper.Blocked)]
    [InlineData(Sleeper.Awaiting)]
    [InlineData(Sleeper.BesideWriter)]
    public async Task The_shortest_of_many_waits_behind_killed_writers_is_within_the_documented_limit(Sleeper sleeper)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender? living = sleeper == Sleeper.BesideWriter ? queue.CreateAppender() : null;
        using EstreamQueue? readOnly = sleeper == Sleeper.BesideWriter ? EstreamQueue.OpenReadOnly(QueueDirectory) : null;
        using QueueTailer tailer = (readOnly ?? queue).CreateTailer();
        tailer.Idle = IdleStrategy.Sleep();
        var waits = new List<TimeSpan>();
        for (int kill = 0; kill < Kills || (kill < MostKills && waits.Min() > s_promised); kill++)
        {
            using ChildProcess writer = StartOther("hold-up", QueueDirectory);
            writer.WaitForText("claimed");
            long sleeps = queue.WaiterSignal.Sleeps;
            Task<long> reading = sleeper == Sleeper.Awaiting ? Await(tailer) : Block(tailer);
            Eventually.True(() => readOnly is not null || queue.WaiterSignal.Sleeps > sleeps, "the reader sleeps");
            Assert.False(reading.IsCompleted);
            long before = Stopwatch.GetTimestamp();
            writer.Kill();
            waits.Add(Stopwatch.GetElapsedTime(before, await reading.WaitAsync(Eventually.DefaultLimit)));
        }

        Assert.True(waits.Min() <= s_promised, $"waited for {string.Join(", ", waits.Select(wait => $"{wait.TotalMilliseconds:F1} ms"))}");
    }

    private static Task<long> Block(QueueTailer tailer) =>
        Task.Factory.StartNew(
            () =>
            {
                Assert.True(tailer.TryRead(out QueueMessage message, Eventually.DefaultLimit));
                long at = Stopwatch.GetTimestamp();
                Assert.Equal("behind"u8, message.Payload);
                return at;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private static async Task<long> Await(QueueTailer tailer)
    {
        Assert.True(await tailer.WaitToReadAsync(Eventually.DefaultLimit));
        long at = Stopwatch.GetTimestamp();
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal("behind"u8, message.Payload);
        return at;
    }
}
