using Estream.Core;
using Estream.Esf;

namespace Estream.Streams.Internal;

/// <summary>Checks messages when they are written and read.</summary>
internal static class Message
{
    /// <summary>Returns the length of the message that was begun at the start of a claimed space.</summary>
    /// <exception cref="ArgumentException">The message was begun elsewhere.</exception>
    public static int LengthOf<TWriter>(scoped in TWriter writer, ReadOnlySpan<byte> space)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ReadOnlySpan<byte> written = writer.Written;
        return space.Overlaps(written, out int offset) && offset == 0
            ? written.Length
            : throw new ArgumentException(
                "This writer was not begun in this claim or buffer, or not at its start. Commit the writer that Begin returned.",
                nameof(writer));
    }

    /// <summary>Requires that a reader can read every field of a message.</summary>
    /// <exception cref="ArgumentException">A field is invalid; the exception names it.</exception>
    public static void RequireValid(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        EsfStatus status = EsfValidator.Check(schema, message);
        if (!status.IsOk)
        {
            throw new ArgumentException(
                $"The message of {schema} is not valid: {status}. Set every required field, and use only values that the schema declares.");
        }
    }

    /// <summary>Requires that every field of a stored message can be read.</summary>
    /// <exception cref="EstreamFormatException">A field is invalid; the exception names it.</exception>
    public static void RequireReadable(EsfSchema schema, ReadOnlySpan<byte> message, long position)
    {
        EsfStatus status = EsfValidator.Check(schema, message);
        if (!status.IsOk)
        {
            throw new EstreamFormatException(
                $"At position {position}: the message of {schema} is not valid: {status.Describe(message)} The next read continues after "
                + "it.", null);
        }
    }

    /// <summary>Gets a view of a message if it is of the schema.</summary>
    /// <returns>False for a message of another schema.</returns>
    /// <exception cref="EstreamFormatException">The message has this schema's id or name but cannot be read.</exception>
    public static bool TryView<TView>(ReadOnlySpan<byte> message, long position, out TView view)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        if (TView.TryOf(message, out view))
        {
            return true;
        }

        ThrowIfRelative<TView>(message, position);
        return false;
    }

    // Skips a message of an unrelated schema. Throws for an unreadable message of a related schema: skipping it silently would lose it.
    private static void ThrowIfRelative<TView>(ReadOnlySpan<byte> message, long position)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        EsfSchema schema = TView.Schema;
        if (!EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            || (header.SchemaId != schema.Id && header.NameId != schema.Definition.NameId))
        {
            return;
        }

        try
        {
            _ = TView.Of(message);
        }
        catch (EstreamFormatException reason)
        {
            throw new EstreamFormatException($"At position {position}: {reason.Message} The next read continues after it.", null, reason);
        }
    }
}
