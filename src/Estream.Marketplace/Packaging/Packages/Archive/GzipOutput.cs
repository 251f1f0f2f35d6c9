using System.Buffers.Binary;
using System.IO.Compression;

namespace Estream.Marketplace.Packages;

/// <summary>Writes a gzip member with the fixed header of packages.</summary>
internal sealed class GzipOutput : IDisposable
{
    private const int MaxStored = 65_535;
    private const int StoredHeader = 5;

    private readonly Stream _destination;
    private readonly DeflateStream? _deflated;
    private readonly byte[] _stored = new byte[StoredHeader + MaxStored];
    private int _count;
    private uint _checksum;
    private uint _length;

    public GzipOutput(Stream destination, PackageCompression compression)
    {
        _destination = destination;

        // Time and flags are 0 and the system is 255 (unknown), so nothing reveals where the package was built.
        destination.Write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]);
        _deflated = compression == PackageCompression.Deflate
            ? new DeflateStream(destination, CompressionLevel.SmallestSize, leaveOpen: true)
            : null;
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        _checksum = Crc32.Append(_checksum, data);
        _length += (uint)data.Length;
        _deflated?.Write(data);
        while (_deflated is null && !data.IsEmpty)
        {
            if (_count == MaxStored)
            {
                WriteStored(isLast: false);
            }

            ReadOnlySpan<byte> taken = data[..Math.Min(data.Length, MaxStored - _count)];
            taken.CopyTo(_stored.AsSpan(StoredHeader + _count));
            _count += taken.Length;
            data = data[taken.Length..];
        }
    }

    /// <summary>Finishes the member. Nothing may be written afterwards.</summary>
    public void Finish()
    {
        if (_deflated is null)
        {
            WriteStored(isLast: true);
        }
        else
        {
            _deflated.Dispose();
        }

        Span<byte> trailer = stackalloc byte[GzipInput.TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[sizeof(uint)..], _length);
        _destination.Write(trailer);
    }

    public void Dispose() => _deflated?.Dispose();

    // A stored block (RFC 1951, section 3.2.4): the last-block flag, the length, and its complement.
    private void WriteStored(bool isLast)
    {
        _stored[0] = isLast ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(_stored.AsSpan(1), (ushort)_count);
        BinaryPrimitives.WriteUInt16LittleEndian(_stored.AsSpan(1 + sizeof(ushort)), (ushort)~_count);
        _destination.Write(_stored.AsSpan(0, StoredHeader + _count));
        _count = 0;
    }
}
