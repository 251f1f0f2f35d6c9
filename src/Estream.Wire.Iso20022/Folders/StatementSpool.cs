using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// Keeps the parts of one outgoing statement, sealed as they are stored, until the last part has arrived. The parts are stored
/// consecutively in a file, each after its length and its SHA-256. Not thread-safe.
/// </summary>
/// <param name="folder">The private folder.</param>
/// <param name="name">The name of the file.</param>
internal sealed class StatementSpool(FolderHandle folder, string name)
{
    /// <summary>The extension of spool files.</summary>
    public const string Extension = ".parts";

    /// <summary>The maximum number of parts; such a statement has hundreds of millions of entries.</summary>
    public const int MaxParts = 100_000;

    private const int HeadBytes = sizeof(int) + SHA256.HashSizeInBytes;

    /// <summary>Returns the file name for a statement.</summary>
    public static string NameOf(string schema, string ids) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{schema}\n{ids}"))) + Extension;

    /// <summary>Adds a part; it is durable when the method returns. A part that exists already, as after a crash, is not added twice. A
    /// different first part starts the statement again.</summary>
    /// <param name="number">The number of the part, from 1.</param>
    /// <param name="part">The part.</param>
    /// <returns>Why the part is not accepted; null if it is stored.</returns>
    public string? Add(int number, ReadOnlySpan<byte> part)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(part, hash);
        using FileStream file = Open();
        List<Place> places = Scan(file);
        if (number is < 1 or > MaxParts)
        {
            return $"its part number is {number}, but a statement has from 1 to {MaxParts} parts";
        }

        if (number <= places.Count && hash.SequenceEqual(places[number - 1].Hash))
        {
            return null;
        }

        if (number > places.Count + 1)
        {
            return $"it is part {number} of its statement, but part {places.Count + 1} has not arrived";
        }

        if (number > 1 && number <= places.Count)
        {
            return $"part {number} of its statement has already arrived with other content";
        }

        long end = number == 1 ? 0 : places[^1].End;
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, part.Length);
        hash.CopyTo(head[sizeof(int)..]);
        file.SetLength(end);
        file.Position = end;
        file.Write(head);
        file.Write(part);
        file.Flush(flushToDisk: true);
        return null;
    }

    /// <summary>Reads the parts in order; each is valid until the next is read.</summary>
    /// <exception cref="InvalidDataException">A part is damaged.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read()
    {
        using FileStream file = Open();
        List<Place> places = Scan(file);
        byte[] buffer = new byte[places.Max(place => place.Length)];
        foreach (Place place in places)
        {
            Memory<byte> part = buffer.AsMemory(0, place.Length);
            if (!TryRead(file, place, part.Span))
            {
                throw new InvalidDataException("a stored part of its statement is damaged");
            }

            yield return part;
        }
    }

    /// <summary>Deletes the parts.</summary>
    public void Delete() => folder.Delete(name);

    private FileStream Open() => folder.OpenOrCreate(name, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    // A part that was torn by a power cut was not acknowledged, so it will be sent again.
    private static List<Place> Scan(FileStream file)
    {
        List<Place> places = [];
        byte[] head = new byte[HeadBytes];
        long position = 0;
        while (file.Length - position >= HeadBytes)
        {
            file.Position = position;
            file.ReadExactly(head);
            int length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length < 0 || length > file.Length - position - HeadBytes)
            {
                break;
            }

            places.Add(new Place(position + HeadBytes, length, head[sizeof(int)..]));
            position += HeadBytes + length;
        }

        if (places.Count > 0 && !TryRead(file, places[^1], new byte[places[^1].Length]))
        {
            places.RemoveAt(places.Count - 1);
        }

        return places;
    }

    private static bool TryRead(FileStream file, Place place, Span<byte> part)
    {
        file.Position = place.Start;
        file.ReadExactly(part);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(part, hash);
        return hash.SequenceEqual(place.Hash);
    }

    private sealed record Place(long Start, int Length, byte[] Hash)
    {
        public long End => Start + Length;
    }
}
