using System.Diagnostics;
using System.Globalization;

namespace Estream.Queue.TestProcess;

/// <summary>Appends much, and says how long an append took.</summary>
internal static class FillCommands
{
    private const int MessageBytes = 64;
    private const int Quarters = 4;

    // From 100 us on a pause is looked at for whose doing it was.
    private static readonly long s_pause = Stopwatch.Frequency / 10_000;

    /// <summary>
    /// Appends messages of 64 bytes until the log is so long. Says how long the appends took, and then for each quarter of the log by how
    /// much messages came later than they were due, so that a pause counts for all that had to wait for it. Without a rate each is due when
    /// the one before has returned.
    /// </summary>
    /// <param name="directory">The queue.</param>
    /// <param name="bytes">Of the log.</param>
    /// <param name="segmentBytes">Of a segment.</param>
    /// <param name="memoryBytes">What the log may take of memory; 0 leaves that to the kernel.</param>
    /// <param name="perSecond">How many messages to append in a second at most; 0: as many as there can be.</param>
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
                // The schedule waits as well while others have the processor.
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

/// <summary>How long the kernel let this thread wait for a processor although it could have run: what is the machine's doing and not that
/// of who runs on it.</summary>
internal sealed class QueuedTime
{
    private const string Source = "/proc/thread-self/schedstat";

    private long _seen = Read();

    /// <summary>What has come to it since the last call, in ticks of <see cref="Stopwatch"/>; 0 where the kernel does not say.</summary>
    public long Take()
    {
        long now = Read();
        long more = now - _seen;
        _seen = now;
        return more;
    }

    // Three numbers: nanoseconds run, nanoseconds waited while it could have run, times it was run.
    private static long Read()
    {
        string[] fields = File.Exists(Source) ? File.ReadAllText(Source).Split(' ') : [];
        return fields.Length < 2 ? 0 : long.Parse(fields[1], CultureInfo.InvariantCulture) / (1_000_000_000 / Stopwatch.Frequency);
    }
}
