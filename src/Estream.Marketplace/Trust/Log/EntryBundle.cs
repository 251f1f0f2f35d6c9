using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Entries of a log as its files hold them: each behind its length in two bytes, the higher first (C2SP tlog-tiles).</summary>
public static class EntryBundle
{
    /// <summary>The most bytes an entry may have.</summary>
    public const int MaxEntryBytes = ushort.MaxValue;

    /// <summary>The most bytes a bundle can have.</summary>
    public const int MaxBytes = LogPaths.TileWidth * (sizeof(ushort) + MaxEntryBytes);

    /// <summary>Takes a bundle apart. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="bytes">From anywhere. Not copied.</param>
    /// <param name="width">How many entries it has to have.</param>
    /// <param name="entries">The entries, if it has exactly as many and nothing behind them.</param>
    /// <returns>Whether it has.</returns>
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
    /// <param name="bundle">Gets it behind what it has.</param>
    /// <param name="entry">At most <see cref="MaxEntryBytes"/> bytes.</param>
    internal static void Append(List<byte> bundle, ReadOnlySpan<byte> entry)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)entry.Length);
        bundle.AddRange(length);
        bundle.AddRange(entry);
    }
}
