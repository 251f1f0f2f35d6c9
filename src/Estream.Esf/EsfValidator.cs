using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Checks a whole message against its schema: header, every reference, every length, every value. What passes can be
/// read to the last byte; what comes from outside goes through here once. Allocates nothing, never throws, and takes
/// time in proportion to the message. Thread-safe.
/// </summary>
public static class EsfValidator
{
    /// <summary>
    /// Checks a message, in clear or sealed. One that says it is of this version is held to it to the letter. One of another version of the
    /// same schema passes when it is whole as far as this version knows it: see docs/formats/esf.md, "Other versions".
    /// </summary>
    /// <returns>Ok, or the first fault with its field; the offset counts from the start of the enclosing record.</returns>
    /// <remarks>Whether sealed values are what their writer made, only who has a key can tell: <see cref="EsfUnsealer"/> does.</remarks>
    public static EsfStatus Check(EsfSchema schema, ReadOnlySpan<byte> message) => Check(schema, message, PrivateRule.Any);

    /// <summary>
    /// Checks a message as it has to be where it is stored: as <see cref="Check(EsfSchema, ReadOnlySpan{byte})"/>, and every private field
    /// that is there is sealed.
    /// </summary>
    /// <returns>Ok, or the first fault with its field: <see cref="EsfError.Unsealed"/> for a private field in clear.</returns>
    public static EsfStatus CheckStored(EsfSchema schema, ReadOnlySpan<byte> message) => Check(schema, message, PrivateRule.Absent);

    /// <summary>Checks a message.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="message">The message.</param>
    /// <param name="inClear">How private fields have to stand where it carries no envelope.</param>
    private static EsfStatus Check(EsfSchema schema, ReadOnlySpan<byte> message, PrivateRule inClear)
    {
        ArgumentNullException.ThrowIfNull(schema);
        EsfError error = CheckHeader(schema, message, out bool isSealed);
        if (error != EsfError.None)
        {
            return new EsfStatus(error);
        }

        ReadOnlySpan<byte> records = message;
        if (isSealed)
        {
            if (!SealEnvelope.TryRead(message, schema.FixedLengthOf(message), out SealEnvelope envelope))
            {
                return new EsfStatus(EsfError.BadEnvelope);
            }

            records = message[..envelope.Start];
        }

        RecordCheck check = new(isRelative: !schema.IsOwn(message), isSealed ? PrivateRule.Sealed : inClear);
        error = check.CheckRecord(schema.Plan, records);
        return error == EsfError.None ? EsfStatus.Ok : new EsfStatus(error, check.Culprit, check.Culprit?.Offset ?? 0);
    }

    private static EsfError CheckHeader(EsfSchema schema, ReadOnlySpan<byte> message, out bool isSealed)
    {
        isSealed = false;
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header))
        {
            return EsfError.Truncated;
        }

        bool isOwn = header.SchemaId == schema.Id;
        if (!isOwn && header.NameId != schema.Definition.NameId)
        {
            return EsfError.WrongSchema;
        }

        if (isOwn ? !schema.IsOwnType(header) : !schema.IsRelative(header))
        {
            return EsfError.UnsupportedFormat;
        }

        isSealed = header.IsSealed;
        return !schema.Plan.Admits(header.FixedLength) ? EsfError.IncompatibleVersion
            : message.Length > EsfLimits.MaxMessageBytes ? EsfError.MessageTooLong
            : message.Length < header.FixedLength ? EsfError.Truncated
            : EsfError.None;
    }
}
