using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>
/// Rejects messages of a schema with private or tokenized fields that can neither be stored as they are nor be sealed: somebody has
/// appended bytes of their own, and they shall not hold up those behind them.
/// </summary>
/// <param name="schema">The schema.</param>
/// <param name="sealer">Knows what tokenized fields take; null where there are none.</param>
/// <param name="rejects">Is told of them.</param>
/// <param name="next">Where the others go.</param>
internal sealed class SealGuard(EsfSchema schema, EsfSealer? sealer, Rejects rejects, Stage<Record> next) : Stage<Record>
{
    private readonly string _damaged = $"the message of {schema} is damaged, or in clear and of another version, and cannot be sealed";

    private readonly (EsfField Field, string Reason)[] _cards =
    [
        .. schema.Fields.Where(field => field.IsTokenized)
        .Select(field => (field, $"the field '{field.Name}' of {schema} has neither the number of a card nor a token of the vault")),
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
