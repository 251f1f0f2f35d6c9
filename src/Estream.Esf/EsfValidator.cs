using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>
/// Checks a whole message against its schema: header, every reference, every length, every value. A message that passes can be
/// read without a further check; check every message from an untrusted source once. Allocates nothing, never throws, and takes time
/// proportional to the length of the message. Thread-safe.
/// </summary>
public static class EsfValidator
{
    /// <summary>
    /// Checks a message, sealed or not. A message of this version must match the schema exactly. A message of another version of the same
    /// schema passes if the fields that this version knows are complete and valid: see docs/formats/esf.md, "Other versions".
    /// </summary>
    /// <returns>Ok, or the first error with its field. The offset counts from the start of the enclosing record.</returns>
    /// <remarks>Checking the authenticity of sealed values requires a key: use <see cref="EsfUnsealer"/>.</remarks>
    public static EsfStatus Check(EsfSchema schema, ReadOnlySpan<byte> message) => Check(schema, message, PrivateRule.Any);

    /// <summary>
    /// Checks a message that is about to be stored: as <see cref="Check(EsfSchema, ReadOnlySpan{byte})"/>, and every private field
    /// present must be sealed.
    /// </summary>
    /// <returns>Ok, or the first error with its field: <see cref="EsfError.Unsealed"/> for an unencrypted private field.</returns>
    public static EsfStatus CheckStored(EsfSchema schema, ReadOnlySpan<byte> message) => Check(schema, message, PrivateRule.Absent);

    /// <summary>Checks a message.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="message">The message.</param>
    /// <param name="inClear">The rule for private fields if the message has no envelope.</param>
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
