using Estream.Queue;
using Estream.Replication.Internal;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Capacity;

/// <summary>The costs of the steps of a host without its brokers, measured in this process.</summary>
internal sealed class HostSteps
{
    // Small, so that the times contain the preparation of further segments.
    private const long SegmentBytes = 8L << 20;
    private const int Group = 16;

    // None of these is a size of `replicate`.
    private static readonly (int PayloadBytes, int EntryBytes)[] s_points =
        [(48, 64 << 10), (48, 512 << 10), (300, 128 << 10), (2_000, 64 << 10), (2_000, 512 << 10)];

    private readonly List<StepSample> _append = [];
    private readonly List<StepSample> _encode = [];
    private readonly List<StepSample> _verify = [];
    private readonly List<StepSample> _apply = [];

    /// <summary>Messages are appended. The cost has no part for the entry.</summary>
    public StepCost Append => StepFit.WithoutFixed(_append);

    /// <summary>An entry is read from the log and written.</summary>
    public StepCost Encode => StepFit.Of(_encode);

    /// <summary>The publisher takes an entry that it has read back.</summary>
    public StepCost Verify => StepFit.Of(_verify);

    /// <summary>A follower takes an entry, and writes its messages to the copy.</summary>
    public StepCost Apply => StepFit.Of(_apply);

    /// <summary>Runs each step with several sizes. Files are written to a directory, and deleted.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="bytes">The bytes of each size.</param>
    /// <param name="isCounted">Whether the times count. The first run compiles the code.</param>
    public void Measure(string directory, long bytes, bool isCounted = true)
    {
        foreach ((int payload, int entry) in s_points)
        {
            string folder = Directory.CreateDirectory(Path.Combine(directory, "steps")).FullName;
            Point point = Point.Run(folder, payload, entry, bytes);
            Directory.Delete(folder, recursive: true);
            if (isCounted)
            {
                _append.Add(new StepSample(point.Bytes / point.Messages, 1, point.Append / point.Messages));
                _encode.Add(point.Sample(point.Encode));
                _verify.Add(point.Sample(point.Verify));
                _apply.Add(point.Sample(point.Apply));
            }
        }
    }

    /// <summary>One size of messages and entries. Times are in microseconds of processor time of this process.</summary>
    private sealed class Point
    {
        private readonly byte[][] _buffers = new byte[Group][];
        private readonly int[] _lengths = new int[Group];
        private long _offset;

        public double Bytes { get; private set; }

        public double Messages { get; private set; }

        public double Entries { get; private set; }

        public double Append { get; private set; }

        public double Encode { get; private set; }

        public double Verify { get; private set; }

        public double Apply { get; private set; }

        public static Point Run(string folder, int payloadBytes, int entryBytes, long bytes)
        {
            Point point = new();
            using EstreamQueue queue = EstreamQueue.Open(Path.Combine(folder, "source"), new QueueOptions { SegmentBytes = SegmentBytes });
            point.AppendAll(queue, new byte[payloadBytes], bytes);
            using EntryCodec codec = new("capacity", queue.Id, []);
            using EntryCodec copying = new("capacity", 0, []);
            using PublisherCore publisher = new(queue, codec, new StreamState(), owner: 1, entryBytes, long.MaxValue);
            using ApplierCore applier = new(Path.Combine(folder, "copy"), new QueueOptions(), copying);
            publisher.BeginSession();

            // The first entry claims the epoch.
            _ = point.Take(publisher, applier);
            (point.Encode, point.Verify, point.Apply, point.Entries) = (0, 0, 0, 0);
            while (point.Take(publisher, applier) > 0)
            {
            }

            return applier.AppliedMessages == (long)point.Messages
                ? point
                : throw new ScenarioException($"{applier.AppliedMessages} of {point.Messages} messages were applied");
        }

        public StepSample Sample(double micros) => new(Bytes / Entries, Messages / Entries, micros / Entries);

        private static double Now() => Environment.CpuUsage.TotalTime.TotalMicroseconds;

        private void AppendAll(EstreamQueue queue, byte[] payload, long bytes)
        {
            int frame = new ReplicateWorkload(RunSize.Full, payload.Length).FrameBytes;
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            double before = Now();
            for (; Bytes + frame <= bytes; Bytes += frame, Messages++)
            {
                _ = appender.Append(payload);
            }

            Append = Now() - before;
        }

        /// <summary>Encodes a group of entries, and lets both sides take it. Returns the number of entries.</summary>
        private int Take(PublisherCore publisher, ApplierCore applier)
        {
            double start = Now();
            int count = 0;
            while (count < Group && (_lengths[count] = publisher.TryNext(length => Buffer(count, length))) > 0)
            {
                count++;
            }

            double encoded = Now();
            for (int i = 0; i < count; i++)
            {
                _ = publisher.Take(_offset + i, _buffers[i].AsSpan(0, _lengths[i]));
            }

            double verified = Now();
            for (int i = 0; i < count; i++)
            {
                _ = applier.Take(_offset + i, _buffers[i].AsSpan(0, _lengths[i]), out _);
            }

            Apply += Now() - verified;
            (Encode, Verify) = (Encode + encoded - start, Verify + verified - encoded);
            (_offset, Entries) = (_offset + count, Entries + count);
            return count;
        }

        private Memory<byte> Buffer(int index, int length)
        {
            if (_buffers[index] is null || _buffers[index].Length < length)
            {
                _buffers[index] = new byte[length];
            }

            return _buffers[index];
        }
    }
}
