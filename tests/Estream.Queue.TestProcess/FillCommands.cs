using System.Diagnostics;

namespace Estream.Queue.TestProcess;

/// <summary>Appends much, and says how long an append took.</summary>
internal static class FillCommands
{
    private const int MessageBytes = 64;
    private const int StepNanos = 10;
    private const int Steps = 100_000;

    /// <summary>Appends messages of 64 bytes until the log is so long.</summary>
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
        long[] counts = new long[Steps + 1];
        long longest = 0;
        long start = Stopwatch.GetTimestamp();
        while (appender.NextPosition < bytes)
        {
            long due = perSecond == 0 ? 0 : start + (appender.NextSequence * Stopwatch.Frequency / perSecond);
            long before = Stopwatch.GetTimestamp();
            while (before < due)
            {
                before = Stopwatch.GetTimestamp();
            }

            appender.Append(message);
            long nanos = (Stopwatch.GetTimestamp() - before) * (1_000_000_000 / Stopwatch.Frequency);
            longest = Math.Max(longest, nanos);
            counts[Math.Min(nanos / StepNanos, Steps)]++;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(
            $"appended {appender.NextSequence} in {seconds:F1} s; p50 {Share(counts, 0.5)} ns, p99 {Share(counts, 0.99)} ns, p99.9 {Share(counts, 0.999)} ns, "
            + $"p99.99 {Share(counts, 0.9999)} ns, longest {longest / 1_000} us");
        return 0;
    }

    private static long Share(long[] counts, double share)
    {
        long left = (long)(counts.Sum() * share);
        int step = 0;
        while (left >= counts[step])
        {
            left -= counts[step++];
        }

        return (long)step * StepNanos;
    }
}
