using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// The parts of one statement on their way out, as they are stored: sealed. They lie in a file, one behind the other, until the last one is
/// there: each has its length and its SHA-256 before it. Not thread-safe.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class StatementSpool(string path)
{
    /// <summary>How the names of such files end.</summary>
    public const string Extension = ".parts";

    /// <summary>A statement of this many parts has hundreds of millions of entries.</summary>
    public const int MaxParts = 100_000;

    private const int HeadBytes = sizeof(int) + SHA256.HashSizeInBytes;

    /// <summary>The name of the file of a statement.</summary>
    public static string NameOf(string schema, string ids) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{schema}\n{ids}"))) + Extension;

    /// <summary>Adds a part, which is on the device then. One that is there already, as after a kill, is not added twice; a first one that
    /// is another begins the statement anew.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="part">The part.</param>
    /// <returns>Why it cannot be one; null when it is there.</returns>
    public string? Add(int number, ReadOnlySpan<byte> part)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(part, hash);
        using FileStream file = Open();
        List<Place> places = Scan(file);
        if (number is < 1 or > MaxParts)
        {
            return $"its number is {number}, and a statement has from 1 to {MaxParts} parts";
        }

        if (number <= places.Count && hash.SequenceEqual(places[number - 1].Hash))
        {
            return null;
        }

        if (number > places.Count + 1)
        {
            return $"it is part {number} of its statement, and part {places.Count + 1} has not come";
        }

        if (number > 1 && number <= places.Count)
        {
            return $"part {number} of its statement has come already, and was another one";
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

    /// <summary>Reads the parts in their order; each is valid until the next one is read.</summary>
    /// <exception cref="InvalidDataException">One is not what was added.</exception>
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
                throw new InvalidDataException("a part of its statement that was kept is damaged");
            }

            yield return part;
        }
    }

    /// <summary>Removes the parts.</summary>
    public void Delete() => File.Delete(path);

    private FileStream Open() =>
        OwnFile.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    // What was being written when the machine went down was not acknowledged, and comes again.
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
