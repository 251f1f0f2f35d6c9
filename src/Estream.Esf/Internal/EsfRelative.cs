using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Esf.Internal;

/// <summary>
/// Accepts records that another version of a schema wrote, for generated views. A view comes here only when a message
/// or an object is not of its own version, so these stay out of line. Whatever the bytes say, the length that is
/// answered lies within the record.
/// </summary>
internal static class EsfRelative
{
    /// <summary>How much of a message's fixed block a view may read.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaId">Id of the view's schema.</param>
    /// <param name="shape">The last eight bytes of the header of the view's schema.</param>
    /// <param name="earlier">The fixed lengths of earlier versions.</param>
    /// <returns>The view's own fixed length for a later version, that of the message for an earlier one, 0 for none that can be
    /// read.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LengthOf(ReadOnlySpan<byte> message, ulong schemaId, ulong shape, ReadOnlySpan<ushort> earlier)
    {
        return EsfMessageHeader.TryRead(message, out EsfMessageHeader header)
            && header.IsRelativeOf(schemaId, shape)
            && header.FixedLength <= message.Length
                ? Accepted(header.FixedLength, (ushort)(shape >> 32), earlier)
                : 0;
    }

    /// <summary>How much of an object's fixed block a view may read.</summary>
    /// <param name="record">The object.</param>
    /// <param name="fixedLength">The view's own fixed length.</param>
    /// <param name="earlier">The fixed lengths of earlier versions.</param>
    /// <param name="name">What the object is called.</param>
    /// <exception cref="Core.EstreamCorruptionException">The object is shorter than its fixed block, or that is of no version.</exception>
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
