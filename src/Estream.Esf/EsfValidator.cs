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
    /// Checks a message. One that says it is of this version is held to it to the letter. One of another version of the same
    /// schema passes when it is whole as far as this version knows it: see docs/formats/esf.md, "Other versions".
    /// </summary>
    /// <returns>Ok, or the first fault with its field; the offset counts from the start of the enclosing record.</returns>
    public static EsfStatus Check(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(schema);
        EsfError header = CheckHeader(schema, message);
        if (header != EsfError.None)
        {
            return new EsfStatus(header);
        }

        RecordCheck check = new(isRelative: !schema.IsOwn(message));
        EsfError error = check.CheckRecord(schema.Plan, message);
        return error == EsfError.None ? EsfStatus.Ok : new EsfStatus(error, check.Culprit, check.Culprit?.Offset ?? 0);
    }

    private static EsfError CheckHeader(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header))
        {
            return EsfError.Truncated;
        }

        bool isOwn = header.SchemaId == schema.Id;
        if (!isOwn && header.NameId != schema.Definition.NameId)
        {
            return EsfError.WrongSchema;
        }

        if (isOwn ? header.Shape != schema.Shape : !schema.IsRelative(header))
        {
            return EsfError.UnsupportedFormat;
        }

        return !schema.Plan.Admits(header.FixedLength) ? EsfError.IncompatibleVersion
            : message.Length > EsfLimits.MaxMessageBytes ? EsfError.MessageTooLong
            : message.Length < header.FixedLength ? EsfError.Truncated
            : EsfError.None;
    }
}
