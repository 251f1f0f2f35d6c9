using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Esf.Internal;

/// <summary>
/// Accepts records written with another version of a schema, for generated views. A view calls these methods only if a message or an
/// object is not of its own version, so the methods are not inlined. The returned length never exceeds the record, whatever bytes the
/// record contains.
/// </summary>
internal static class EsfRelative
{
    /// <summary>Returns how many bytes of a message's fixed block a view may read.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaId">The id of the view's schema.</param>
    /// <param name="shape">The last eight bytes of the header of messages of the view's schema.</param>
    /// <param name="earlier">The fixed lengths of earlier versions.</param>
    /// <returns>The view's own fixed length for a message of a later version; the message's fixed length for an earlier version; 0 if the
    /// message cannot be read.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LengthOf(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ReadOnlySpan<ushort> earlier)
    {
        return EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            && header.IsRelativeOf(schemaId, shape)
            && header.FixedLength <= message.Length
                ? Accepted(header.FixedLength, (ushort)(shape >> 32), earlier)
                : 0;
    }

    /// <summary>Returns how many bytes of an object's fixed block a view may read.</summary>
    /// <param name="record">The object.</param>
    /// <param name="fixedLength">The view's own fixed length.</param>
    /// <param name="earlier">The fixed lengths of earlier versions.</param>
    /// <param name="name">The name of the object, for the error message.</param>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block, or no version has a fixed block of
    /// this length.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LengthOf(ReadOnlySpan<byte> record, int fixedLength, ReadOnlySpan<ushort> earlier, string name)
    {
        int written = record.Length < sizeof(ushort) ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(record);
        int length = written > record.Length ? 0 : Accepted(written, fixedLength, earlier);
        if (length == 0)
        {
            ThrowHelper.ThrowCorrupt(name);
        }

        return length;
    }

    private static int Accepted(int written, int own, ReadOnlySpan<ushort> earlier) =>
        written >= own ? own : earlier.Contains((ushort)written) ? written : 0;
}
