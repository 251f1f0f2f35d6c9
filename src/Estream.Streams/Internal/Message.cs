using Estream.Core;
using Estream.Esf;

namespace Estream.Streams.Internal;

/// <summary>What is asked of a message on its way in and out.</summary>
internal static class Message
{
    /// <summary>How long the message is that was begun at the start of some claimed space.</summary>
    /// <exception cref="ArgumentException">It was begun elsewhere.</exception>
    public static int LengthOf<TWriter>(scoped in TWriter writer, ReadOnlySpan<byte> space)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
    {
        ReadOnlySpan<byte> written = writer.Written;
        return space.Overlaps(written, out int offset) && offset == 0
            ? written.Length
            : throw new ArgumentException(
                "This writer was not begun here, or not last. Commit the one that Begin returned, into the same claim.", nameof(writer));
    }

    /// <summary>Whether a message is one to read.</summary>
    /// <returns>False for one of another schema.</returns>
    /// <exception cref="EstreamFormatException">It says it is of this schema and cannot be read.</exception>
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

    // A stranger is none of the reader's business. A relative that cannot be read is: to pass it in silence would be to lose it.
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
            throw new EstreamFormatException($"At position {position}: {reason.Message} The next read goes on behind it.", null, reason);
        }
    }
}
