using System.Buffers.Binary;
using System.IO.Compression;

namespace Estream.Marketplace.Packages;

/// <summary>Decompresses the single gzip member (RFC 1952) of a package into its archive. Stops at the first fault and keeps it.</summary>
internal sealed class GzipMember : IDisposable
{
    /// <summary>The size of a gzip header without optional fields, in bytes.</summary>
    public const int HeaderBytes = 10;

    private const int FlagsAt = 3;
    private const int TimeEnd = 8;

    private readonly PackageLimits _limits;
    private readonly GzipInput _input;
    private readonly DeflateStream _inflated;
    private uint _checksum;

    public GzipMember(Stream package, PackageLimits limits)
    {
        _limits = limits;
        _input = new GzipInput(package, limits.MaxPackageBytes);
        _inflated = new DeflateStream(_input, CompressionMode.Decompress);
    }

    /// <summary>The fault, if any.</summary>
    public PackageFault Fault { get; private set; }

    /// <summary>The number of archive bytes so far.</summary>
    public long Produced { get; private set; }

    /// <summary>The number of file bytes so far.</summary>
    public long Consumed => _input.Given;

    /// <summary>Reads the header.</summary>
    public bool TryBegin()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        bool isWhole = _input.TryTake(header);
        Fault = !isWhole ? PackageFault.Truncated
            : !header[..FlagsAt].SequenceEqual((ReadOnlySpan<byte>)[0x1F, 0x8B, 8]) ? PackageFault.NotGzip
            : header[FlagsAt..TimeEnd].ContainsAnyExcept((byte)0) ? PackageFault.GzipHeaderFields
            : PackageFault.None;
        return Fault == PackageFault.None;
    }

    /// <summary>Fills a buffer with the next bytes of the archive.</summary>
    /// <returns>False if the archive has ended, or there is a <see cref="Fault"/>.</returns>
    public bool TryFill(Span<byte> buffer)
    {
        int count = 0;
        while (count < buffer.Length && Fault == PackageFault.None)
        {
            int read = Read(buffer[count..]);
            count += read;
            if (read == 0)
            {
                return false;
            }
        }

        return Fault == PackageFault.None;
    }

    /// <summary>Returns whether the archive, the gzip member and the file all end here.</summary>
    public bool TryEnd()
    {
        Span<byte> more = stackalloc byte[1];
        if (Fault == PackageFault.None && Read(more) > 0 && Fault == PackageFault.None)
        {
            Fault = PackageFault.BytesAfterEnd;
        }

        if (Fault == PackageFault.None)
        {
            Fault = !_input.IsAtTrailer ? PackageFault.BytesAfterMember
                : BinaryPrimitives.ReadUInt32LittleEndian(_input.Trailer) != _checksum
                    || BinaryPrimitives.ReadUInt32LittleEndian(_input.Trailer[sizeof(uint)..]) != (uint)Produced
                        ? PackageFault.WrongChecksum
                : PackageFault.None;
        }

        return Fault == PackageFault.None;
    }

    public void Dispose()
    {
        _inflated.Dispose();
        _input.Dispose();
    }

    private int Read(Span<byte> buffer)
    {
        int read = 0;
        try
        {
            read = _inflated.Read(buffer);
        }
        catch (InvalidDataException)
        {
            Fault = PackageFault.CorruptData;
        }

        // A truncated or oversized file is reported as such, whatever the decompressor reported.
        Fault = _input.IsTooLarge ? PackageFault.PackageTooLarge : _input.IsShort ? PackageFault.Truncated : Fault;
        Produced += read;
        _checksum = Crc32.Append(_checksum, buffer[..read]);
        if (Fault == PackageFault.None)
        {
            Fault = Produced > _limits.MaxArchiveBytes ? PackageFault.ArchiveTooLarge
                : Produced > _limits.RatioFromBytes && Produced / _limits.MaxRatio > Consumed ? PackageFault.RatioTooHigh
                : PackageFault.None;
        }

        return read;
    }
}
