using System.Buffers;
using System.Security.Cryptography;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Json;

/// <summary>
/// Reads a document that arrives in pieces, as XML or JSON, detected by its first character. XML is read as it arrives. JSON is buffered to
/// its end, up to a limit, because its members have no order. It is then read as the equivalent XML in the order of the schema, so all
/// checks apply to both forms. Not thread-safe.
/// </summary>
internal sealed class DocumentFeed
{
    /// <summary>The position of a fault in JSON: positions in the equivalent XML say nothing about the JSON.</summary>
    public const int NoPosition = -1;

    // The maximum number of bytes of white space and byte order mark before JSON.
    private const int MaxBefore = 64;

    private const int FirstBytes = 4_096;

    // Two bytes of JSON can become forty of XML, so the XML is read in pieces while it is written.
    private const int MaxPieceBytes = 64 * 1024;

    // White space, and the bytes of the byte order mark.
    private static readonly SearchValues<byte> s_before =
        SearchValues.Create((byte[])[(byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0xEF, 0xBB, 0xBF]);

    private readonly Iso20022Limits _limits;
    private readonly XmlFeed _xml;
    private readonly byte[] _before = new byte[MaxBefore];
    private byte[] _json = [];
    private int _length;
    private int _beforeLength;
    private Form _form;
    private Iso20022Fault _fault;

    public DocumentFeed(Iso20022Limits limits)
    {
        _xml = new XmlFeed(limits);
        _limits = limits;
    }

    private enum Form
    {
        Unknown,
        Xml,
        Json,
    }

    /// <summary>The error in the document.</summary>
    public Iso20022Fault Fault => _fault.IsFault ? _fault : _xml.Fault;

    /// <summary>The number of bytes of the document that were read.</summary>
    public long Position => _xml.Position;

    /// <summary>Reads a piece.</summary>
    /// <inheritdoc cref="XmlFeed.Push{TSink}" path="/param"/>
    /// <inheritdoc cref="XmlFeed.Push{TSink}" path="/returns"/>
    public XmlReadStatus Push<TSink>(ReadOnlySpan<byte> piece, bool isLast, TSink sink)
        where TSink : class, IDocumentSink
    {
        if (_form == Form.Unknown)
        {
            // Usually the first piece decides, and is read without copying.
            int first = _beforeLength == 0 ? piece[..Math.Min(piece.Length, MaxBefore)].IndexOfAnyExcept(s_before) : -1;
            if (first >= 0)
            {
                _form = piece[first] == (byte)'{' ? Form.Json : Form.Xml;
                piece = _form == Form.Json ? piece[first..] : piece;
            }
            else if (!TryDecide(ref piece, isLast))
            {
                return XmlReadStatus.NeedMore;
            }
            else if (_form == Form.Xml)
            {
                XmlReadStatus status = _xml.Push(_before.AsSpan(0, _beforeLength), isLast && piece.IsEmpty, sink);
                if (status != XmlReadStatus.NeedMore || piece.IsEmpty)
                {
                    return status;
                }
            }
        }

        return _form == Form.Xml ? _xml.Push(piece, isLast, sink) : PushJson(piece, isLast, sink);
    }

    /// <summary>Prepares for another document. The buffers of the current document are overwritten, since their content may be
    /// private.</summary>
    public void Reset()
    {
        _xml.Reset();
        CryptographicOperations.ZeroMemory(_json.AsSpan(0, _length));
        _length = 0;
        CryptographicOperations.ZeroMemory(_before.AsSpan(0, _beforeLength));
        _beforeLength = 0;
        _form = Form.Unknown;
        _fault = default;
    }

    // Collects the first bytes of pieces until a character decides the form.
    private bool TryDecide(ref ReadOnlySpan<byte> piece, bool isLast)
    {
        int taken = Math.Min(piece.Length, MaxBefore - _beforeLength);
        piece[..taken].CopyTo(_before.AsSpan(_beforeLength));
        _beforeLength += taken;
        piece = piece[taken..];
        ReadOnlySpan<byte> before = _before.AsSpan(0, _beforeLength);
        int first = before.IndexOfAnyExcept(s_before);
        if (first < 0 && _beforeLength < MaxBefore && !isLast)
        {
            return false;
        }

        _form = first >= 0 && before[first] == (byte)'{' ? Form.Json : Form.Xml;
        if (_form == Form.Json)
        {
            Keep(before[first..]);
        }

        return true;
    }

    private XmlReadStatus PushJson<TSink>(ReadOnlySpan<byte> piece, bool isLast, TSink sink)
        where TSink : class, IDocumentSink
    {
        sink.LosePlaces();
        if (_length + (long)piece.Length > _limits.MaxJsonBytes)
        {
            return Refuse(Iso20022Reason.MessageTooLong);
        }

        Keep(piece);
        if (!isLast)
        {
            return XmlReadStatus.NeedMore;
        }

        XmlPieces made = new(Math.Min(MaxPieceBytes, 1_024 + (2 * _length)), (xml, isEnd) => _xml.Push(xml, isEnd, sink));
        try
        {
            Iso20022Reason reason = new JsonMessage(made).Write(_json.AsMemory(0, _length), _limits.MaxDepth);
            return made.Status != XmlReadStatus.NeedMore ? made.Status
                : reason == Iso20022Reason.None ? made.Complete() : Refuse(reason);
        }
        finally
        {
            made.Clear();
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_json.Length < _length + bytes.Length)
        {
            byte[] longer = new byte[Math.Max(_length + bytes.Length, Math.Max(FirstBytes, 2 * _json.Length))];
            _json.AsSpan(0, _length).CopyTo(longer);
            CryptographicOperations.ZeroMemory(_json);
            _json = longer;
        }

        bytes.CopyTo(_json.AsSpan(_length));
        _length += bytes.Length;
    }

    private XmlReadStatus Refuse(Iso20022Reason reason)
    {
        _fault = new Iso20022Fault(reason, NoPosition);
        return XmlReadStatus.Refused;
    }
}

/// <summary>Receives the tokens of a document that may have been JSON.</summary>
internal interface IDocumentSink : IXmlSink
{
    /// <summary>Declares the positions of the following tokens meaningless, because they come from JSON, whose members have no
    /// order.</summary>
    void LosePlaces();
}
