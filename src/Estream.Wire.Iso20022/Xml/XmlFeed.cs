using System.Security.Cryptography;

namespace Estream.Wire.Iso20022.Xml;

/// <summary>Reads a document that arrives in pieces of any size, down to single bytes. It keeps the unfinished token at the end of a piece,
/// and nothing else. Not thread-safe.</summary>
internal sealed class XmlFeed
{
    // Of a piece behind an unfinished token so much is looked at together with it; the rest of the piece is read where it lies.
    private const int JoinedBytes = 1_024;

    private readonly XmlState _state;
    private byte[] _kept = [];
    private int _length;

    // Of what is kept as much was written since the last reset.
    private int _used;

    public XmlFeed(Iso20022Limits limits)
    {
        _state = new XmlState(limits);
    }

    /// <summary>What is wrong with the document.</summary>
    public Iso20022Fault Fault => _state.Fault;

    /// <summary>Bytes of the document that are in tokens already.</summary>
    public long Position => _state.Position;

    /// <summary>Bytes held now.</summary>
    public int Capacity => _kept.Length;

    /// <summary>Reads a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="isLast">Whether it is the last one; it may be empty.</param>
    /// <param name="sink">Takes the tokens.</param>
    /// <returns><see cref="XmlReadStatus.Token"/> where the sink wanted no more; no piece may follow then, nor behind an end or a
    /// refusal.</returns>
    public XmlReadStatus Push<TSink>(ReadOnlySpan<byte> piece, bool isLast, TSink sink)
        where TSink : class, IXmlSink
    {
        // While a token is unfinished a few bytes more are put behind it, until it is done: every pass takes bytes of the piece.
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

    /// <summary>Makes it ready for another document. What was kept of this one is overwritten: it may be private.</summary>
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

/// <summary>What came of looking for the next token.</summary>
internal enum XmlReadStatus
{
    /// <summary>There is one.</summary>
    Token,

    /// <summary>More bytes are needed, from <see cref="XmlTokenReader.Consumed"/> on.</summary>
    NeedMore,

    /// <summary>The document is over, and whole.</summary>
    End,

    /// <summary>These bytes never become a document.</summary>
    Refused,
}
