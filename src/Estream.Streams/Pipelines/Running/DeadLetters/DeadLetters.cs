using System.Text;
using System.Text.Unicode;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A message of the source that a stage rejects, and the reason.</summary>
/// <param name="reason">The reason.</param>
/// <param name="origin">The message.</param>
/// <param name="shown">A reason without message content, for use where <paramref name="reason"/> may reveal content; null if
/// <paramref name="reason"/> is safe to show.</param>
internal readonly ref struct Rejected(string reason, QueueMessage origin, string? shown)
{
    public string Reason { get; } = reason;

    public QueueMessage Origin { get; } = origin;

    public string? Shown { get; } = shown;
}

/// <summary>Appends rejected messages to a queue.</summary>
internal sealed class RejectsToQueue(QueueEnd<Rejected> end) : Rejects
{
    public override void Take(string reason, scoped in QueueMessage origin, string? shown = null)
    {
        var rejected = new Rejected(reason, origin, shown);
        end.Write(in rejected, in origin);
    }
}

/// <summary>
/// Creates the dead letter of a message: the message, its queue, and the reason. A message that may contain private plaintext, because it
/// was appended without being sealed, is omitted, and so is any reason that a circuit node gave for it.
/// </summary>
/// <param name="pipeline">The pipeline that rejected the message.</param>
/// <param name="queue">The queue of the message.</param>
/// <param name="taken">The schema of the messages in the queue if it has private or tokenized fields; otherwise null.</param>
/// <param name="maxLength">The maximum length of a dead letter in bytes.</param>
internal sealed class DeadLetterMessage(string pipeline, string queue, EsfSchema? taken, int maxLength)
    : MessageMaker<Rejected>(maxLength, space: null)
{
    private const string MessageOmittedAsPrivate =
        " (the message is not kept: its schema has private fields, and it may hold them in plaintext)";
    private const string MessageOmittedAsTooLong =
        " (the message is not kept: the queue of dead letters has segments that are too small for it)";

    /// <summary>An upper bound for the length of a dead letter without its payload.</summary>
    public const int OverheadBytes = 2048;

    /// <summary>The maximum length of a reason, which may contain an expression or text from a circuit node; the rest is cut off.</summary>
    public const int MostReasonBytes = 1400;

    private const int MostReasonsKnown = 1000;

    // An upper bound for the remark after the reason.
    private const int MostRemarkBytes = 200;

    public static EsfSchema Schema { get; } = Find();

    private static readonly EsfField[] s_fields = [.. Schema.Fields];

    private readonly byte[] _source = Encoding.UTF8.GetBytes(pipeline);
    private readonly byte[] _topic = Encoding.UTF8.GetBytes(queue);
    private readonly Dictionary<(string Reason, string Remark), byte[]> _reasons = [];
    private readonly byte[] _reason = new byte[MostReasonBytes + MostRemarkBytes];

    /// <summary>An upper bound for the length of a dead letter without its message.</summary>
    public override int LeastStored => Math.Min(OverheadBytes, MaxLength);

    public override int MaxStoredOf(scoped in Rejected item) => Math.Min(MaxLength, item.Origin.Payload.Length + OverheadBytes);

    /// <summary>Writes a dead letter.</summary>
    /// <returns>The length of the dead letter; 0 if there is no room for it.</returns>
    public static int WriteDeadLetter(Span<byte> place, long time, ReadOnlySpan<byte> source, ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> reason, ReadOnlySpan<byte> payload)
    {
        EsfMessageBuilder letter = EsfMessageBuilder.Begin(Schema, place);
        return letter.TrySet(s_fields[0], (Int128)time) && letter.TrySet(s_fields[1], source) && letter.TrySet(s_fields[2], topic)
            && letter.TrySet(s_fields[3], reason) && letter.TrySet(s_fields[4], payload) && letter.TryFinish(out ReadOnlySpan<byte> message)
            ? message.Length
            : 0;
    }

    protected override int Write(scoped in Rejected item, Span<byte> place)
    {
        ReadOnlySpan<byte> payload = item.Origin.Payload;
        bool isStored = taken is null || EsfValidator.CheckStored(taken, payload).IsOk;
        int length = isStored ? WriteDeadLetter(place, item.Origin.Time, _source, _topic, ReasonOf(in item, isStored, ""), payload) : 0;

        // A dead letter without its message fits in any queue, so no message blocks later messages.
        return length > 0
            ? length
            : WriteDeadLetter(place, item.Origin.Time, _source, _topic,
                ReasonOf(in item, isStored, isStored ? MessageOmittedAsTooLong : MessageOmittedAsPrivate), default);
    }

    private ReadOnlySpan<byte> ReasonOf(scoped in Rejected item, bool isStored, string remark)
    {
        string reason = isStored ? item.Reason : item.Shown ?? item.Reason;

        // Code may give a different reason for each message, for example one with a number in it, so reasons of code are not cached. All
        // other reasons come from checks of the stages, so there are few.
        bool isOfCode = item.Shown is not null && item.Shown != reason;
        if (!isOfCode && _reasons.TryGetValue((reason, remark), out byte[]? known))
        {
            return known;
        }

        _ = Utf8.FromUtf16(reason, _reason.AsSpan(0, MostReasonBytes), out _, out int length);
        ReadOnlySpan<byte> bytes = _reason.AsSpan(0, length + Encoding.UTF8.GetBytes(remark, _reason.AsSpan(length)));
        if (!isOfCode && _reasons.Count < MostReasonsKnown)
        {
            _reasons.Add((reason, remark), bytes.ToArray());
        }

        return bytes;
    }

    private static EsfSchema Find() => EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException("The built-in schema estream.system.DeadLetter is missing.");
}
