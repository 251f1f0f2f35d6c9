using System.Globalization;
using Estream.Esf;
using Estream.Host.Remote;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>The range and the conditions of a search.</summary>
/// <param name="From">The first message to read.</param>
/// <param name="To">The last message to read; null for the newest.</param>
/// <param name="IsBackward">Whether to search from newer to older messages.</param>
/// <param name="Limit">The maximum number of messages to write.</param>
/// <param name="TotalBytes">The maximum number of message bytes to decode.</param>
/// <param name="Filter">Selects by schema and fields.</param>
/// <param name="Patterns">Selects by address and lattice; null for all.</param>
/// <param name="IsWrapped">Whether each line is an object with the member <c>message</c>.</param>
internal sealed record SearchTerms(
    SeekPoint From, SeekPoint? To, bool IsBackward, long Limit, long TotalBytes, MessageFilter Filter, EsfMessageFilter? Patterns,
    bool IsWrapped)
{
    /// <summary>Another condition; null for none.</summary>
    public MessageMatch? Also { get; init; }
}

/// <summary>Returns whether a message meets a condition.</summary>
internal delegate bool MessageMatch(ReadOnlySpan<byte> message);

/// <summary>The kinds of <see cref="SeekPoint"/>.</summary>
internal enum SeekKind
{
    /// <summary>By sequence number.</summary>
    Sequence,

    /// <summary>By time: the first message that is not older.</summary>
    Time,

    /// <summary>By position.</summary>
    Position,

    /// <summary>By the number of messages before the end.</summary>
    Last,
}

/// <summary>A place in a queue.</summary>
internal readonly record struct SeekPoint(SeekKind Kind, long Value)
{
    /// <summary>Parses <c>seq:N</c>, <c>time:T</c> (nanoseconds since 1970-01-01 UTC, or ISO 8601), <c>position:P</c> or
    /// <c>last:N</c>.</summary>
    public static bool TryParse(string text, out SeekPoint point)
    {
        point = default;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return false;
        }

        string value = text[(colon + 1)..];
        bool isNumber = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        switch (text[..colon])
        {
            case "seq" when isNumber:
                point = new SeekPoint(SeekKind.Sequence, number);
                return true;
            case "position" when isNumber:
                point = new SeekPoint(SeekKind.Position, number);
                return true;
            case "last" when isNumber && number > 0:
                point = new SeekPoint(SeekKind.Last, number);
                return true;
            case "time" when isNumber:
                point = new SeekPoint(SeekKind.Time, number);
                return true;
            case "time" when DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                && time > DateTimeOffset.UnixEpoch && time.Year < 2200:
                point = new SeekPoint(SeekKind.Time, (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Returns the sequence number of the place.</summary>
    /// <exception cref="ArgumentException">No message starts at the position.</exception>
    public long Resolve(QueueTailer tailer, QueueInfo info)
    {
        switch (Kind)
        {
            case SeekKind.Time:
                tailer.SeekToTime(Value);
                return tailer.TryPeek(out QueueMessage first) ? first.Sequence : info.NextSequence;
            case SeekKind.Position:
                return tailer.TrySeek(Value) && tailer.TryPeek(out QueueMessage there) && there.Position == Value
                    ? there.Sequence
                    : throw new ArgumentException($"No message of the queue starts at position {Value}.");
            case SeekKind.Last:
                return Math.Max(info.FirstSequence, info.NextSequence - Value);
            default:
                return Value;
        }
    }
}
