using System.Buffers.Binary;
using System.IO.Compression;

namespace Estream.Marketplace.Packages;

/// <summary>The one gzip member (RFC 1952) that a package is, as the archive inside of it. Stops at the first thing that is wrong, and
/// keeps what that was.</summary>
internal sealed class GzipMember : IDisposable
{
    /// <summary>Bytes of a gzip header without further fields.</summary>
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

    /// <summary>What is wrong, where something is.</summary>
    public PackageFault Fault { get; private set; }

    /// <summary>Bytes of the archive so far.</summary>
    public long Produced { get; private set; }

    /// <summary>Bytes of the file so far.</summary>
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

    /// <summary>Fills a buffer with what comes next of the archive.</summary>
    /// <returns>Whether there was as much. Where not, the archive has ended, or there is a <see cref="Fault"/>.</returns>
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

    /// <summary>Whether the archive has ended here, the member with it and the file with that.</summary>
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

        // What is short or too long is so whatever the decompressor makes of it.
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
