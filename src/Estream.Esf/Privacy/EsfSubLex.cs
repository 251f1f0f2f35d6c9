using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// Takes sealed messages apart by the sub-lexes that their private fields name, so that the values of each can lie in a queue of its own,
/// which fewer may read, or for a shorter time. Each part is a message of the same schema: the main part has the private values that are in
/// no sub-lex, that of a sub-lex has the values of that, and both have all public fields. The other private values are there, and withheld
/// from everybody. Thread-safe.
/// </summary>
/// <remarks>
/// Takes no keys: whoever passes sealed messages on can take them apart. A part holds the content keys of its readers alone. Who stores the
/// parts appends those of the sub-lexes first: when it dies in between, nothing is lost that the main part says there is. See
/// docs/formats/esf.md, "Sub-lexes".
/// </remarks>
public static class EsfSubLex
{
    /// <summary>Writes one part of a sealed message.</summary>
    /// <param name="schema">The schema: the very version that the message is of.</param>
    /// <param name="message">The message, sealed; one that has none of its private fields may be in clear.</param>
    /// <param name="subLex">The sub-lex; null for the main part.</param>
    /// <param name="destination">Takes the part, elsewhere than the message is; as many bytes as the message has are always enough.</param>
    /// <param name="written">Bytes written; 0 after a failure, and where the message has no value of the sub-lex, so that there is no part
    /// to keep.</param>
    /// <returns>Ok, or what is wrong with the message: <see cref="EsfError.Unsealed"/> where private values stand in clear.</returns>
    /// <exception cref="ArgumentException">The schema has no such sub-lex.</exception>
    public static EsfStatus Split(EsfSchema schema, ReadOnlySpan<byte> message, string? subLex, Span<byte> destination, out int written)
    {
        ArgumentNullException.ThrowIfNull(schema);
        PartValues part = schema.Parts[subLex is null ? 0 : 1 + IndexOf(schema, subLex)];
        written = 0;
        EsfStatus status = EsfValidator.CheckStored(schema, message);
        if (!status.IsOk)
        {
            return status;
        }

        // What a later version has appended could not be found in the message.
        if (!schema.IsOwn(message))
        {
            return new EsfStatus(EsfError.WrongSchema);
        }

        RecordCopy copy = new(destination, part);
        EsfError error = copy.WriteRecord(schema.Plan, message);
        int end = copy.End;
        if (error == EsfError.None)
        {
            if (copy.Keys == 0 && subLex is not null)
            {
                return EsfStatus.Ok;
            }

            destination[EsfMessageHeader.Length - 1] &= unchecked((byte)~EsfMessageHeader.SealedFlag);
            error = copy.Keys == 0 ? EsfError.None : WriteEnvelope(schema, message, copy.Keys, destination, ref end);
        }

        written = error == EsfError.None ? end : 0;
        return error == EsfError.None ? EsfStatus.Ok : new EsfStatus(error, copy.Culprit, copy.Culprit?.Offset ?? 0);
    }

    private static EsfError WriteEnvelope(EsfSchema schema, ReadOnlySpan<byte> message, uint keys, Span<byte> destination, ref int end)
    {
        SealEnvelope.TryRead(message, schema.Plan.FixedLength, out SealEnvelope envelope);
        if (!envelope.HasRecipientFor(keys))
        {
            return EsfError.BadEnvelope;
        }

        int length = envelope.CopyFor(keys, destination[end..]);
        destination[EsfMessageHeader.Length - 1] |= EsfMessageHeader.SealedFlag;
        end += length;
        return length > 0 ? EsfError.None : EsfError.DestinationTooSmall;
    }

    private static int IndexOf(EsfSchema schema, string subLex)
    {
        for (int i = 0; i < schema.SubLexes.Count; i++)
        {
            if (schema.SubLexes[i] == subLex)
            {
                return i;
            }
        }

        throw new ArgumentException(
            $"{schema} has no sub-lex '{subLex}'; it has: {string.Join(", ", schema.SubLexes.DefaultIfEmpty("none"))}.", nameof(subLex));
    }
}
