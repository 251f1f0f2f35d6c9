using System.Buffers;
using System.Security.Cryptography;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Json;

/// <summary>Reads a piece of a document.</summary>
internal delegate XmlReadStatus XmlPieceReader(ReadOnlySpan<byte> piece, bool isLast);

/// <summary>A buffer for XML that is read while it is written, so that no more than one piece is buffered.</summary>
/// <param name="pieceBytes">The length of a piece.</param>
/// <param name="read">Reads a piece.</param>
internal sealed class XmlPieces(int pieceBytes, XmlPieceReader read) : IBufferWriter<byte>
{
    private readonly byte[] _piece = new byte[pieceBytes];
    private int _length;

    /// <summary>The status of reading so far. Data written after the end or a rejection is ignored.</summary>
    public XmlReadStatus Status { get; private set; } = XmlReadStatus.NeedMore;

    /// <summary>Whether a piece is being read, or its reader has thrown.</summary>
    public bool IsReading { get; private set; }

    public void Advance(int count)
    {
        _length += count;
        if (_length == _piece.Length)
        {
            Read(isLast: false);
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeHint, _piece.Length);
        if (sizeHint > _piece.Length - _length)
        {
            Read(isLast: false);
        }

        return _piece.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Reads the remaining bytes.</summary>
    public XmlReadStatus Complete()
    {
        Read(isLast: true);
        return Status;
    }

    /// <summary>Overwrites the unread bytes, which may be private.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_piece.AsSpan(0, _length));
        _length = 0;
    }

    private void Read(bool isLast)
    {
        if (Status == XmlReadStatus.NeedMore)
        {
            IsReading = true;
            Status = read(_piece.AsSpan(0, _length), isLast);
            IsReading = false;
        }

        Clear();
    }
}
