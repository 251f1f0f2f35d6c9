using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>A message of the source that some stage cannot take, and why.</summary>
internal readonly ref struct Rejected(string reason, QueueMessage origin)
{
    public string Reason { get; } = reason;

    public QueueMessage Origin { get; } = origin;
}

/// <summary>Takes messages that a stage cannot take to a queue.</summary>
internal sealed class RejectsToQueue(QueueEnd<Rejected> end) : Rejects
{
    public override void Take(string reason, scoped in QueueMessage origin, string? shown = null)
    {
        var rejected = new Rejected(reason, origin);
        end.Write(in rejected);
    }
}

/// <summary>Makes the dead letter of a message: what came, where it was, and what is wrong with it. What may be a private value in clear, since somebody has appended it who sealed nothing, is not kept.</summary>
/// <param name="pipeline">Which pipeline has rejected it.</param>
/// <param name="queue">Where it was.</param>
/// <param name="taken">The schema of the messages there, where that has private or tokenized fields; null where it has none.</param>
/// <param name="maxLength">The most bytes of a letter.</param>
internal sealed class DeadLetterMessage(string pipeline, string queue, EsfSchema? taken, int maxLength) : MessageMaker<Rejected>(maxLength, space: null)
{
    private const string NotKept = " (the message is not kept: its schema has private fields, and it may hold them in clear)";

    /// <summary>More than a dead letter has beside its payload.</summary>
    public const int OverheadBytes = 2048;

    public static EsfSchema Schema { get; } = Find();

    private static readonly EsfField[] s_fields = [.. Schema.Fields];

    private readonly byte[] _source = System.Text.Encoding.UTF8.GetBytes(pipeline);
    private readonly byte[] _topic = System.Text.Encoding.UTF8.GetBytes(queue);
    private readonly Dictionary<(string Reason, bool IsKept), byte[]> _reasons = [];

    protected override int Write(scoped in Rejected item, Span<byte> place)
    {
        bool isKept = taken is null || EsfValidator.CheckStored(taken, item.Origin.Payload).IsOk;
        if (!_reasons.TryGetValue((item.Reason, isKept), out byte[]? reason))
        {
            // There are as many as the stages have checks.
            _reasons.Add((item.Reason, isKept), reason = System.Text.Encoding.UTF8.GetBytes(isKept ? item.Reason : item.Reason + NotKept));
        }

        ReadOnlySpan<byte> payload = isKept ? item.Origin.Payload : default;

        EsfMessageBuilder letter = EsfMessageBuilder.Begin(Schema, place);
        return letter.TrySet(s_fields[0], (Int128)item.Origin.Time) && letter.TrySet(s_fields[1], _source) && letter.TrySet(s_fields[2], _topic)
            && letter.TrySet(s_fields[3], reason) && letter.TrySet(s_fields[4], payload) && letter.TryFinish(out ReadOnlySpan<byte> message)
            ? message.Length
            : throw new ArgumentException($"A message of {item.Origin.Payload.Length} bytes was rejected, and its dead letter is longer than {MaxLength}: give the queue of dead letters larger segments.");
    }

    private static EsfSchema Find() => EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException("The library carries the schema of dead letters.");
}
