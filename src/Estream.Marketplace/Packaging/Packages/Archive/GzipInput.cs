namespace Estream.Marketplace.Packages;

/// <summary>
/// Supplies the compressed bytes of a package without the 8-byte trailer of its gzip member, which is held back until the file ends. The
/// last byte before the trailer is supplied alone. The decompressor reads ahead, so its caller could not tell otherwise whether the
/// compressed data ended with that byte or earlier.
/// </summary>
internal sealed class GzipInput(Stream source, long maxBytes) : Stream
{
    /// <summary>The size of the trailer after the compressed data, in bytes: checksum and length.</summary>
    public const int TrailerBytes = 8;

    private readonly byte[] _buffer = new byte[32 << 10];
    private int _start;
    private int _end;
    private long _taken;
    private bool _isSourceAtEnd;

    /// <summary>Whether the file is larger than the limit.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>Whether more bytes were requested than the file has.</summary>
    public bool IsShort { get; private set; }

    /// <summary>Whether everything except the trailer was supplied.</summary>
    public bool IsAtTrailer => _isSourceAtEnd && Held == TrailerBytes;

    /// <summary>The trailer; valid once <see cref="IsAtTrailer"/> is true.</summary>
    public ReadOnlySpan<byte> Trailer => _buffer.AsSpan(_start, TrailerBytes);

    /// <summary>The number of bytes supplied so far.</summary>
    public long Given { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    private int Held => _end - _start;

    /// <summary>Reads exactly the requested number of bytes.</summary>
    /// <returns>False if the file has fewer bytes left.</returns>
    public bool TryTake(Span<byte> destination)
    {
        Fill(destination.Length);
        if (Held < destination.Length)
        {
            return false;
        }

        Give(destination);
        return true;
    }

    public override int Read(Span<byte> buffer)
    {
        Fill(TrailerBytes + 2);
        int count = Held - TrailerBytes - 1;
        count = count > 0 ? Math.Min(count, buffer.Length) : Held > TrailerBytes ? 1 : 0;
        if (count <= 0)
        {
            IsShort = true;
            return 0;
        }

        Give(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Give(Span<byte> destination)
    {
        _buffer.AsSpan(_start, destination.Length).CopyTo(destination);
        _start += destination.Length;
        Given += destination.Length;
    }

    private void Fill(int wanted)
    {
        if (Held >= wanted || _isSourceAtEnd)
        {
            return;
        }

        _buffer.AsSpan(_start, Held).CopyTo(_buffer);
        (_start, _end) = (0, Held);
        while (Held < wanted && !_isSourceAtEnd)
        {
            int read = source.Read(_buffer.AsSpan(_end));
            _end += read;
            _taken += read;
            IsTooLarge = _taken > maxBytes;
            _isSourceAtEnd = read == 0 || IsTooLarge;
        }
    }
}
