using System.Globalization;
using Estream.Client;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>The start point for reading a queue: the value of --from.</summary>
internal abstract record StartPoint
{
    public const string Help =
        "start, end, a position, last:N (messages), seq:N (a sequence number) or a time such as 2026-01-31T12:00:00Z";

    private const string LastPrefix = "last:";
    private const string SequencePrefix = "seq:";
    private const long NanosPerTick = 100;

    private static readonly TimeSpan s_maxAge = TimeSpan.FromDays(100 * 365);

    /// <summary>Parses the value of --from.</summary>
    /// <exception cref="CliException">The value is not in one of the allowed forms.</exception>
    public static StartPoint Parse(string text)
    {
        return text switch
        {
            "start" => new AtStart(),
            "end" => new AtEnd(),
            _ when TryNumber(text, "", out long position) => new AtPosition(position),
            _ when TryNumber(text, LastPrefix, out long count) => new Last(count),
            _ when TryNumber(text, SequencePrefix, out long sequence) => new AtSequence(sequence),
            _ when TryTime(text, out long time) => new AtTime(time),
            _ => throw new CliException($"--from '{text}' is not valid. Give {Help}."),
        };
    }

    /// <summary>Returns the start point of --from, -n and --since, of which at most one may be given: the last 10 messages by
    /// default.</summary>
    /// <exception cref="CliException">Several options are given, or a value is not in one of the allowed forms.</exception>
    public static StartPoint Parse(string? from, long? count, string? since, long nowNanos) => (from, count, since) switch
    {
        (null, null, null) => new Last(10),
        ({ } text, null, null) => Parse(text),
        (null, >= 0 and { } messages, null) => new Last(messages),
        (null, { }, null) => throw new CliException("-n takes 0 or more: the number of messages."),
        (null, null, { } age) => new AtTime(nowNanos - AgeNanos(age)),
        _ => throw new CliException("Give only one of --from, -n and --since."),
    };

    /// <summary>Moves a tailer to the start point.</summary>
    /// <exception cref="CliException">The queue does not have this position.</exception>
    public abstract void Seek(QueueTailer tailer, QueueInfo queue);

    /// <summary>Returns the start of a subscription to a queue of a host.</summary>
    public abstract SubscribeStart ForHost(RemoteQueueInfo queue);

    private static bool TryNumber(string text, string prefix, out long number)
    {
        number = 0;
        return text.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static long AgeNanos(string text) =>
        AgeText.TryRead(text, "smhd", out long count, out TimeSpan unit) && count <= s_maxAge.Ticks / unit.Ticks
            ? count * unit.Ticks * NanosPerTick
            : throw new CliException($"--since '{text}' is not valid. Give a number of seconds, minutes, hours or days, such as 30s, 5m, "
                + "2h or 7d.");

    private static bool TryTime(string text, out long timeNanos)
    {
        bool isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time);

        // 64 bits of nanoseconds cover the years 1677 to 2262; clamp times outside this range.
        timeNanos = (long)Int128.Clamp((Int128)(time.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosPerTick, long.MinValue, long.MaxValue);
        return isTime;
    }

    // After the last message there is nothing to seek to.
    private static SubscribeStart From(long sequence, RemoteQueueInfo queue) =>
        sequence < queue.NextSequence ? SubscribeStart.AtSequence(sequence) : SubscribeStart.Next;

    private sealed record AtStart : StartPoint
    {
        public override void Seek(QueueTailer tailer, QueueInfo queue)
        {
            tailer.SeekToStart();
        }

        public override SubscribeStart ForHost(RemoteQueueInfo queue) => SubscribeStart.Oldest;
    }

    private sealed record AtEnd : StartPoint
    {
        public override void Seek(QueueTailer tailer, QueueInfo queue)
        {
            tailer.SeekToEnd();
        }

        public override SubscribeStart ForHost(RemoteQueueInfo queue) => SubscribeStart.Next;
    }

    private sealed record AtPosition(long Position) : StartPoint
    {
        public override void Seek(QueueTailer tailer, QueueInfo queue)
        {
            try
            {
                tailer.Seek(Position);
            }
            catch (ArgumentException)
            {
                throw new CliException(
                    $"No message of '{queue.Directory}' starts at position {Position}. Give a position printed by 'estream tail', between "
                    + $"{queue.FirstPosition} and {queue.EndPosition}.");
            }
        }

        public override SubscribeStart ForHost(RemoteQueueInfo queue) => SubscribeStart.At(Position);
    }

    private sealed record AtSequence(long Sequence) : StartPoint
    {
        public override void Seek(QueueTailer tailer, QueueInfo queue)
        {
            tailer.SeekToSequence(Math.Clamp(Sequence, queue.FirstSequence, queue.NextSequence));
        }

        public override SubscribeStart ForHost(RemoteQueueInfo queue) => From(Math.Max(Sequence, queue.FirstSequence), queue);
    }

    private sealed record Last(long Count) : StartPoint
    {
        public override void Seek(QueueTailer tailer, QueueInfo queue)
        {
            tailer.SeekToSequence(Math.Max(queue.NextSequence - Count, queue.FirstSequence));
        }

        public override SubscribeStart ForHost(RemoteQueueInfo queue) =>
            From(Math.Max(queue.NextSequence - Count, queue.FirstSequence), queue);
    }

    private sealed record AtTime(long TimeNanos) : StartPoint
    {
        public override void Seek(QueueTailer tailer, QueueInfo queue)
        {
            tailer.SeekToTime(TimeNanos);
        }

        public override SubscribeStart ForHost(RemoteQueueInfo queue) => SubscribeStart.AtTime(TimeNanos);
    }
}
