using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>
/// Rejects messages of a schema with private or tokenized fields that can neither be stored unchanged nor be sealed. Such messages contain
/// foreign bytes that another program appended; they must not block the messages after them.
/// </summary>
/// <param name="schema">The schema.</param>
/// <param name="sealer">Checks the values of tokenized fields; null if there are none.</param>
/// <param name="rejects">Receives the rejected messages.</param>
/// <param name="next">The next stage.</param>
internal sealed class SealGuard(EsfSchema schema, EsfSealer? sealer, Rejects rejects, Stage<Record> next) : Stage<Record>
{
    private readonly string _damaged = $"the message of {schema} is damaged, or is plaintext of another version, and cannot be sealed";

    private readonly (EsfField Field, string Reason)[] _cards =
    [
        .. schema.Fields.Where(field => field.IsTokenized)
        .Select(field => (field, $"the field '{field.Name}' of {schema} contains neither a card number nor a token of the vault")),
    ];

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        if (RejectionReason(item.Message) is string reason)
        {
            rejects.Take(reason, in message);
            return;
        }

        next.Push(in item, in message);
    }

    private string? RejectionReason(ReadOnlySpan<byte> message)
    {
        if (EsfValidator.CheckStored(schema, message).IsOk)
        {
            return null;
        }

        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header) || header.IsSealed || header.SchemaId != schema.Id
            || !EsfValidator.Check(schema, message).IsOk)
        {
            return _damaged;
        }

        foreach ((EsfField field, string reason) in _cards)
        {
            if (field.TryGetBytes(message, out ReadOnlySpan<byte> text) && !sealer!.TakesCard(text))
            {
                return reason;
            }
        }

        return null;
    }
}
