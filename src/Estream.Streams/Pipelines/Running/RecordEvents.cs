using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Converts messages of a schema known when the pipeline is loaded to events: all messages, or those of some addresses and for
/// some audiences.</summary>
/// <param name="schema">The schema.</param>
/// <param name="audience">Selects messages by audience; null for all.</param>
/// <param name="filter">Selects messages by lattice and address; null for all.</param>
/// <param name="unreadable">Receives messages of the schema that cannot be read; null if they stop reading.</param>
internal readonly struct RecordEvents(EsfSchema schema, EsfAudienceFilter? audience, EsfMessageFilter? filter, Rejects? unreadable)
    : IMessageEvents<Record>
{
    public bool TryTake(in QueueMessage message, out Record item)
    {
        item = new Record(message.Payload, message);
        if (schema.Matches(message.Payload))
        {
            return (filter is null || IsPresent(message)) && (audience is null || IsChosen(message));
        }

        // A message of an unrelated schema is skipped. An unreadable message of a related schema is refused: skipping it silently would
        // lose it.
        return EsfMessageHeader.TryRead(message.Payload, out EsfMessageHeader header)
            && (header.SchemaId == schema.Id || header.NameId == schema.Definition.NameId)
            && Refuse($"the message of {schema} is truncated, or of a version that this schema cannot read. Update the "
                + "schema.", message);
    }

    private bool IsPresent(in QueueMessage message)
    {
        EsfStatus status = filter!.Check(message.Payload, out bool isChosen);
        return status.IsOk
            ? isChosen
            : Refuse($"the address of the message of {schema} cannot be determined: {status.Describe(message.Payload)}", message);
    }

    private bool IsChosen(in QueueMessage message)
    {
        EsfStatus status = audience!.Check(message.Payload, out bool isChosen);
        return status.IsOk
            ? isChosen
            : Refuse($"the audience of the message of {schema} cannot be determined: {status.Describe(message.Payload)}", message);
    }

    private bool Refuse(string reason, in QueueMessage message)
    {
        if (unreadable is null)
        {
            throw new EstreamFormatException($"At position {message.Position}: {reason}", null);
        }

        unreadable.Take(reason, in message);
        return false;
    }
}

/// <summary>An event of a declared pipeline: a message whose schema was known when the pipeline was loaded, and the source message from
/// which it was created.</summary>
internal readonly ref struct Record(ReadOnlySpan<byte> message, QueueMessage origin)
{
    public ReadOnlySpan<byte> Message { get; } = message;

    public QueueMessage Origin { get; } = origin;

    /// <summary>The index of the output of the message, in a pipeline with several outputs.</summary>
    public int Output { get; init; }
}
