using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// Splits sealed messages by the sub-lexes that their private fields name, so that the values of each sub-lex can be stored in a separate
/// queue, with fewer readers or a shorter retention. Each part is a message of the same schema with all public fields. The main part has
/// the private values that are in no sub-lex; the part of a sub-lex has the values of that sub-lex. All other private values are present
/// but withheld from every reader. Thread-safe.
/// </summary>
/// <remarks>
/// Needs no keys: any process that forwards sealed messages can split them. A part contains the content keys of its own readers only.
/// Append the parts of the sub-lexes before the main part. Then a crash in between cannot leave a main part whose sub-lex values are
/// missing.
/// See docs/formats/esf.md, "Sub-lexes".
/// </remarks>
public static class EsfSubLex
{
    /// <summary>Writes one part of a sealed message.</summary>
    /// <param name="schema">The schema, in exactly the version of the message.</param>
    /// <param name="message">The sealed message. A message without any of its private fields may be unsealed.</param>
    /// <param name="subLex">The sub-lex; null for the main part.</param>
    /// <param name="destination">Receives the part; must not overlap the message. The length of the message is always enough.</param>
    /// <param name="written">The number of bytes written; 0 after a failure, and also if the message has no value of the sub-lex, so there
    /// is no part to store.</param>
    /// <returns>Ok, or the error in the message: <see cref="EsfError.Unsealed"/> if private values are not encrypted.</returns>
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

        // Private fields that a later version appended could not be found in the message.
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
            $"{schema} has no sub-lex '{subLex}'. Sub-lexes: {string.Join(", ", schema.SubLexes.DefaultIfEmpty("none"))}.", nameof(subLex));
    }
}
