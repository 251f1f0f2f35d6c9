using System.Diagnostics;
using System.Globalization;

namespace Estream.Queue.TestProcess;

/// <summary>Appends many messages and reports how long an append took.</summary>
internal static class FillCommands
{
    private const int MessageBytes = 64;
    private const int Quarters = 4;

    // For a pause longer than 100 us, the command determines how long the thread waited for a processor.
    private static readonly long s_pause = Stopwatch.Frequency / 10_000;

    /// <summary>
    /// Appends messages of 64 bytes until the log has the given length. Reports the duration of the appends and, for each quarter of the
    /// log, how late the messages were, so that a pause counts for every message delayed by it. Without a rate each message is due when the
    /// previous append has returned.
    /// </summary>
    /// <param name="directory">The directory of the queue.</param>
    /// <param name="bytes">The length of the log in bytes.</param>
    /// <param name="segmentBytes">The size of a segment in bytes.</param>
    /// <param name="memoryBytes">The memory limit of the log in bytes; 0 leaves it to the kernel.</param>
    /// <param name="perSecond">The maximum number of messages per second; 0 for no limit.</param>
    public static int Fill(string directory, long bytes, long segmentBytes, long memoryBytes, long perSecond)
    {
        using EstreamQueue queue = QueueAccess.Open(directory, new QueueOptions { SegmentBytes = segmentBytes, MemoryBytes = memoryBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        byte[] message = new byte[MessageBytes];
        var appends = new Latencies();
        Latencies[] quarters = [.. Enumerable.Range(0, Quarters).Select(_ => new Latencies())];
        var queued = new QueuedTime();
        long start = Stopwatch.GetTimestamp();
        long schedule = start;
        long after = start;
        while (appender.NextPosition < bytes)
        {
            Latencies quarter = quarters[appender.NextPosition * Quarters / bytes];
            long returned = after;
            long due = perSecond == 0 ? returned : schedule + (appender.NextSequence * Stopwatch.Frequency / perSecond);
            long before = WaitUntil(due);
            appender.Append(message);
            after = Stopwatch.GetTimestamp();
            long pause = after - Math.Max(due, returned);
            if (pause > s_pause)
            {
                // Moves the schedule by the time for which other threads used the processor, because the queue did not cause that delay.
                long waited = Math.Min(pause, queued.Take());
                schedule += waited;
                due += waited;
            }

            appends.Add(Nanos(after - before));
            quarter.Add(Nanos(after - due));
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(
            $"appended {appender.NextSequence} in {seconds:F1} s; p50 {appends.Share(0.5)} ns, p99 {appends.Share(0.99)} ns, p99.9 "
            + $"{appends.Share(0.999)} ns, "
            + $"p99.99 {appends.Share(0.9999)} ns, longest {appends.Longest / 1_000} us");
        Console.WriteLine($"late p99.9 by quarter: {string.Join(' ', quarters.Select(quarter => quarter.Share(0.999)))} ns");
        return 0;
    }

    private static long WaitUntil(long due)
    {
        long now;
        do
        {
            now = Stopwatch.GetTimestamp();
        }
        while (now < due);
        return now;
    }

    private static long Nanos(long ticks) => ticks * (1_000_000_000 / Stopwatch.Frequency);
}

/// <summary>How long the kernel let this thread wait for a processor although it could have run. This time is caused by the machine and not
/// by the measured code.</summary>
internal sealed class QueuedTime
{
    private const string Source = "/proc/thread-self/schedstat";

    private long _seen = Read();

    /// <summary>The time added since the last call, in ticks of <see cref="Stopwatch"/>; 0 if the kernel does not report it.</summary>
    public long Take()
    {
        long now = Read();
        long more = now - _seen;
        _seen = now;
        return more;
    }

    // Three numbers: nanoseconds run, nanoseconds waited while runnable, and number of times run.
    private static long Read()
    {
        string[] fields = File.Exists(Source) ? File.ReadAllText(Source).Split(' ') : [];
        return fields.Length < 2 ? 0 : long.Parse(fields[1], CultureInfo.InvariantCulture) / (1_000_000_000 / Stopwatch.Frequency);
    }
}
