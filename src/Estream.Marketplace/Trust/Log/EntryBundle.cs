using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Log entries as stored in the files of a log: each entry is preceded by its length in two bytes, big-endian (C2SP
/// tlog-tiles).</summary>
public static class EntryBundle
{
    /// <summary>The maximum size of an entry, in bytes.</summary>
    public const int MaxEntryBytes = ushort.MaxValue;

    /// <summary>The maximum size of a bundle, in bytes.</summary>
    public const int MaxBytes = LogPaths.TileWidth * (sizeof(ushort) + MaxEntryBytes);

    /// <summary>Parses a bundle. Accepts any bytes and never throws because of them.</summary>
    /// <param name="bytes">The untrusted bytes. Not copied.</param>
    /// <param name="width">The required number of entries.</param>
    /// <param name="entries">The entries, if the bundle has exactly that many and no trailing bytes.</param>
    /// <returns>True if the bundle is valid.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, int width, [NotNullWhen(true)] out IReadOnlyList<ReadOnlyMemory<byte>>? entries)
    {
        entries = null;
        List<ReadOnlyMemory<byte>> read = [];
        while (!bytes.IsEmpty && read.Count < width)
        {
            if (bytes.Length < sizeof(ushort))
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span);
            if (bytes.Length - sizeof(ushort) < length)
            {
                return false;
            }

            read.Add(bytes.Slice(sizeof(ushort), length));
            bytes = bytes[(sizeof(ushort) + length)..];
        }

        if (!bytes.IsEmpty || read.Count != width)
        {
            return false;
        }

        entries = read;
        return true;
    }

    /// <summary>Appends an entry to a bundle.</summary>
    /// <param name="bundle">The bundle to append to.</param>
    /// <param name="entry">At most <see cref="MaxEntryBytes"/> bytes.</param>
    internal static void Append(List<byte> bundle, ReadOnlySpan<byte> entry)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)entry.Length);
        bundle.AddRange(length);
        bundle.AddRange(entry);
    }
}
