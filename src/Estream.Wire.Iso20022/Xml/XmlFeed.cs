using System.Security.Cryptography;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>Reads a document that arrives in pieces of any size, down to single bytes. It buffers only the unfinished token at the end of a
/// piece. Not thread-safe.</summary>
internal sealed class XmlFeed
{
    // The number of bytes of a piece that are joined to an unfinished token; the rest of the piece is read without copying.
    private const int JoinedBytes = 1_024;

    private readonly XmlState _state;
    private byte[] _kept = [];
    private int _length;

    // The bytes of _kept that may contain data since the last reset.
    private int _used;

    public XmlFeed(Iso20022Limits limits)
    {
        _state = new XmlState(limits);
    }

    /// <summary>The error in the document.</summary>
    public Iso20022Fault Fault => _state.Fault;

    /// <summary>The number of bytes of the document in tokens read so far.</summary>
    public long Position => _state.Position;

    /// <summary>The size of the buffer in bytes.</summary>
    public int Capacity => _kept.Length;

    /// <summary>Reads a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="isLast">Whether it is the last piece, which may be empty.</param>
    /// <param name="sink">Receives the tokens.</param>
    /// <returns><see cref="XmlReadStatus.Token"/> if the sink stopped. After that, and after an end or a rejection, no piece may
    /// follow.</returns>
    public XmlReadStatus Push<TSink>(ReadOnlySpan<byte> piece, bool isLast, TSink sink)
        where TSink : class, IXmlSink
    {
        // A few bytes at a time are appended to the unfinished token until it is complete. Terminates, since every pass takes bytes of the
        // piece.
        while (_length > 0 && !piece.IsEmpty)
        {
            int kept = _length;
            int joined = Math.Min(piece.Length, JoinedBytes);
            Keep(piece[..joined]);
            XmlReadStatus status = Read(_kept.AsSpan(0, _length), isLast && joined == piece.Length, sink, out int consumed);
            if (consumed < kept)
            {
                Drop(consumed);
                piece = piece[joined..];
            }
            else
            {
                Drop(_length);
                piece = piece[(consumed - kept)..];
            }

            if (status != XmlReadStatus.NeedMore || (piece.IsEmpty && !isLast))
            {
                return status;
            }
        }

        XmlReadStatus last = Read(_length > 0 ? _kept.AsSpan(0, _length) : piece, isLast, sink, out int done);
        if (_length > 0)
        {
            Drop(done);
        }
        else if (last == XmlReadStatus.NeedMore)
        {
            Keep(piece[done..]);
        }

        return last;
    }

    /// <summary>Prepares for another document. The buffer is overwritten, since its content may be private.</summary>
    public void Reset()
    {
        CryptographicOperations.ZeroMemory(_kept.AsSpan(0, _used));
        _used = 0;
        _length = 0;
        _state.Reset();
    }

    private XmlReadStatus Read<TSink>(ReadOnlySpan<byte> data, bool isLast, TSink sink, out int consumed)
        where TSink : class, IXmlSink
    {
        XmlTokenReader reader = new(data, isLast, _state);
        XmlReadStatus status = XmlReadStatus.Token;
        while (sink.Guide(ref reader) && (status = reader.Read()) == XmlReadStatus.Token && sink.Take(in reader))
        {
        }

        consumed = reader.Consumed;
        return status;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_kept.Length < _length + bytes.Length)
        {
            byte[] longer = new byte[Math.Max(_length + bytes.Length, Math.Max(JoinedBytes, 2 * _kept.Length))];
            _kept.AsSpan(0, _length).CopyTo(longer);
            CryptographicOperations.ZeroMemory(_kept.AsSpan(0, _used));
            _kept = longer;
        }

        bytes.CopyTo(_kept.AsSpan(_length));
        _length += bytes.Length;
        _used = Math.Max(_used, _length);
    }

    private void Drop(int length)
    {
        _kept.AsSpan(length, _length - length).CopyTo(_kept);
        _length -= length;
    }
}

/// <summary>The result of looking for the next token.</summary>
internal enum XmlReadStatus
{
    /// <summary>A token was read.</summary>
    Token,

    /// <summary>More bytes are needed, from <see cref="XmlTokenReader.Consumed"/> on.</summary>
    NeedMore,

    /// <summary>The document is complete.</summary>
    End,

    /// <summary>The bytes are not the beginning of a valid document.</summary>
    Refused,
}
