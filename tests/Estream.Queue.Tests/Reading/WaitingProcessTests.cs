using System.Globalization;
using Estream.Core;
using Estream.Queue.Internal;
using Estream.Queue.TestProcess;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Three other processes wait for messages, each in a different way and without a timeout. A process that misses a wake-up never
/// continues, and the test does not end.</summary>
public sealed class WaitingProcessTests : QueueCase
{
    private const long WakeUpWordOffset = MetadataLayout.WaiterSignalOffset + 64;

    private static readonly string[] s_ways = ["named", "unnamed", "async"];

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Every_message_wakes_all_waiting_processes_and_no_process_wakes_needlessly(AppenderMode mode)
    {
        int messages = LongRun.Count(2_000, 50_000);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(mode);
        using var waiters = new Waiters(this);
        byte[] buffer = new byte[WriterMessage.MaxBytes];
        for (int number = 0; number < messages; number++)
        {
            if (number % 7 == 0)
            {
                Eventually.True(() => queue.WaiterSignal.Flag.IsUp, "a reader waits");
            }

            appender.Append(buffer.AsSpan(0, WriterMessage.Write(0, number, buffer)));
        }

        long wakeUps = waiters.End(appender, messages + 1);

        // A wait ends by a wake-up. The first waits may have begun before the first message.
        Assert.InRange(wakeUps, messages / 7, long.MaxValue);
        Assert.All(waiters.Sleeps, sleeps => Assert.InRange(sleeps, 1, wakeUps + 20 + waiters.Overslept));

        // A reader polls an open claim, because its writer may die.
        Assert.True(mode == AppenderMode.Shared || waiters.Overslept == 0, $"{waiters.Overslept} sleeps ended by themselves");
    }

    /// <summary>Writers die at any moment, also between a commit and its wake-up. The next writer wakes the readers.</summary>
    [Fact]
    public void Killed_writers_leave_no_reader_asleep()
    {
        int kills = LongRun.Count(12, 200);
        const int Seed = 23;
        var random = new Random(Seed);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        queue.CreateAppender().Dispose();
        using var waiters = new Waiters(this);
        for (int kill = 0; kill < kills; kill++)
        {
            AppenderMode mode = kill % 3 == 0 ? AppenderMode.Exclusive : AppenderMode.Shared;
            using ChildProcess writer = StartOther("bursts", QueueDirectory, $"{kill}", $"{mode}");
            writer.WaitForText("writing");
            Thread.Sleep(random.Next(20));
            writer.Kill();
            Assert.Equal("", writer.WaitForExit().Error);
        }

        long messages;
        using (QueueTailer auditor = queue.CreateTailer())
        {
            queue.CreateAppender(AppenderMode.Exclusive).Dispose();
            for (messages = 0; auditor.TryRead(out _); messages++)
            {
            }
        }

        using QueueAppender last = queue.CreateAppender();
        waiters.End(last, messages + 1);
    }

    [Fact]
    public void A_killed_waiter_costs_exactly_one_needless_wake_up()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int round = 0; round < 3; round++)
        {
            using ChildProcess sleeper = StartOther("wait", QueueDirectory, s_ways[round]);
            Eventually.True(() => queue.WaiterSignal.Flag.IsUp, "it sleeps");
            sleeper.Kill();
        }

        long before = WakeUps();
        byte[] buffer = new byte[WriterMessage.MaxBytes];
        for (int number = 0; number < 1_000; number++)
        {
            appender.Append(buffer.AsSpan(0, WriterMessage.Write(0, number, buffer)));
        }

        Assert.Equal(before + 1, WakeUps());
        Assert.False(queue.WaiterSignal.Flag.IsUp);
    }

    private long WakeUps()
    {
        using MemoryRegion metadata = FileStorage.Instance.OpenRegion(InQueue("queue.meta"), RegionAccess.ReadOnly);
        return metadata.All.ReadInt32Acquire(WakeUpWordOffset);
    }

    private sealed class Waiters : IDisposable
    {
        private readonly WaitingProcessTests _test;
        private readonly ChildProcess[] _processes;
        private readonly long _wakeUpsBefore;

        public Waiters(WaitingProcessTests test)
        {
            _test = test;
            _wakeUpsBefore = test.WakeUps();
            _processes = [.. s_ways.Select(way => StartOther("wait", test.QueueDirectory, way))];
            foreach (ChildProcess process in _processes)
            {
                process.WaitForText("waiting");
            }
        }

        public List<long> Sleeps { get; } = [];

        /// <summary>The number of waits that ended without a wake-up.</summary>
        public long Overslept { get; private set; }

        /// <summary>Appends the last message and waits until all processes have read it and all earlier ones.</summary>
        /// <returns>How often waiters were woken.</returns>
        public long End(QueueAppender appender, long messages)
        {
            byte[] buffer = new byte[WriterMessage.MaxBytes];
            appender.Append(buffer.AsSpan(0, WriterMessage.Write(WriterMessage.LastWriter, 0, buffer)));
            foreach (ChildProcess process in _processes)
            {
                ProcessResult result = process.WaitForExit();
                Assert.Equal((0, ""), (result.ExitCode, result.Error));
                string[] words = result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal($"read {messages} messages", string.Join(' ', words[1..4]).TrimEnd(','));
                Sleeps.Add(long.Parse(words[5], CultureInfo.InvariantCulture));
                Overslept += long.Parse(words[^1], CultureInfo.InvariantCulture);
            }

            return _test.WakeUps() - _wakeUpsBefore;
        }

        public void Dispose()
        {
            foreach (ChildProcess process in _processes)
            {
                process.Dispose();
            }
        }
    }
}
