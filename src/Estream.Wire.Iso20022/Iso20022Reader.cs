using System.Security.Cryptography;
using Estream.Esf;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Converts an ISO 20022 message to ESF messages while it arrives: pacs.008 and pacs.002 to one message; camt.052 and camt.053 to one
/// message for each statement, or to several parts for a long statement (<see cref="Iso20022Limits.MaxPartBytes"/>). Each part repeats the
/// fields before the entries and has its number in <c>part</c>. Memory is bounded by one part, however many entries a statement has.
/// Private fields are plaintext; seal the messages with an <see cref="EsfSealer"/>. Reusable after <see cref="Reset"/>; a reused reader
/// does not allocate for valid messages. Not thread-safe.
/// </summary>
/// <remarks>
/// Statements are passed on before the end of the message is seen, so that they need not be buffered. They are valid only if
/// <see cref="Complete"/> succeeds, and must be discarded otherwise. If the message can be read twice, check it first with an
/// <see cref="Iso20022Validator"/>.
/// </remarks>
public sealed class Iso20022Reader : IMappedSink
{
    private const int FirstBytes = 1_024;

    private readonly Func<string, EsfSchema?> _find;
    private readonly Iso20022MessageTaker _take;
    private readonly MappedTaker _mapped;
    private readonly int _maxBytes;
    private readonly DocumentFeed _feed;
    private readonly MessageMapper _mapper;
    private readonly MessageCheck _check;
    private byte[] _message = new byte[FirstBytes];

    // The bytes of _message that may contain data.
    private int _used;

    private TranslateStatus _status;
    private bool _isOver;

    /// <summary>Creates a reader.</summary>
    /// <param name="schemas">A set with the schemas of the pack. A message whose schema is missing gives
    /// <see cref="TranslateCode.NotMapped"/>.</param>
    /// <param name="take">Receives the messages, in order, while pieces are fed.</param>
    /// <param name="limits">The limits on messages.</param>
    /// <param name="checks">How messages are checked.</param>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public Iso20022Reader(EsfSchemaSet schemas, Iso20022MessageTaker take, Iso20022Limits? limits = null,
        Iso20022Checks checks = Iso20022Checks.Schema)
    {
        ArgumentNullException.ThrowIfNull(take);
        limits ??= new Iso20022Limits();
        _find = MappedMessages.In(schemas);
        _take = take;
        _mapped = Encode;
        _maxBytes = limits.MaxMappedBytes;
        _feed = new DocumentFeed(limits);
        _mapper = new MessageMapper(limits, this);
        _check = new MessageCheck(limits, checks, _mapper);
    }

    /// <summary>Creates a reader for a caller that encodes messages itself.</summary>
    /// <param name="take">Receives the messages as JSON of their schemas.</param>
    /// <param name="limits">The limits on messages.</param>
    /// <param name="checks">How messages are checked.</param>
    internal Iso20022Reader(MappedTaker take, Iso20022Limits limits, Iso20022Checks checks)
    {
        _find = static _ => null;
        _take = static (_, _) => { };
        _mapped = take;
        _maxBytes = limits.MaxMappedBytes;
        _feed = new DocumentFeed(limits);
        _mapper = new MessageMapper(limits, this);
        _check = new MessageCheck(limits, checks, _mapper);
    }

    /// <summary>The name and version of the message, such as <c>camt.053.001.08</c>; null before the message has begun, and if there is no
    /// schema for the message.</summary>
    public string? Definition => _check.Message?.Name;

    /// <summary>The findings so far, in the order of the message.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _check.Findings;

    /// <summary>The number of elements without a counterpart in ESF; an element counts once with all its content.</summary>
    public long LeftOut => _mapper.LeftOut;

    /// <summary>Reads a piece of the message, of any length.</summary>
    /// <param name="piece">The next bytes of the message.</param>
    /// <returns>False if no more bytes are needed; <see cref="Complete"/> returns the reason.</returns>
    public bool Feed(ReadOnlySpan<byte> piece) => Push(piece, isLast: false);

    /// <summary>Ends the message.</summary>
    /// <returns>Whether the messages passed on are valid. The text of the status contains names of elements and fields, but no
    /// values.</returns>
    public TranslateStatus Complete()
    {
        Push(default, isLast: true);
        return _status;
    }

    /// <summary>Prepares for another message. The buffers of the current message are overwritten.</summary>
    public void Reset()
    {
        Forget();
        _check.Reset();
        _mapper.Reset();
        _status = TranslateStatus.Ok;
        _isOver = false;
    }

    void IMappedSink.TakeMapped(ReadOnlySpan<byte> json)
    {
        // After an error all messages are discarded anyway.
        if (_status.IsOk && Findings.Count == 0)
        {
            _status = _mapped(json);
        }
    }

    private bool Push(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (_isOver)
        {
            return false;
        }

        XmlReadStatus status = _feed.Push(piece, isLast, _check);
        _isOver = status != XmlReadStatus.NeedMore || !_status.IsOk || _mapper.IsTooLong;
        if (status == XmlReadStatus.Refused)
        {
            _check.Refuse(_feed.Fault);
        }
        else if (status == XmlReadStatus.End)
        {
            _check.Finish(_feed.Position);
        }

        if (_isOver)
        {
            End();
        }

        return !_isOver;
    }

    private void End()
    {
        if (Findings.Count > 0)
        {
            _status = MappedMessages.Wrong(Findings);
        }
        else if (_mapper.IsTooLong)
        {
            _status = MappedMessages.TooLong();
        }
        else if (_status.IsOk && !_mapper.HasRecords)
        {
            _status = _mapped(_mapper.Json);
        }

        // The text of a rejection is built already, so no content of the message is needed any more.
        Forget();
        _check.Forget();
        _mapper.Clear();
    }

    private TranslateStatus Encode(ReadOnlySpan<byte> json)
    {
        TranslateStatus found = MappedMessages.Find(Definition!, _find, out EsfSchema? schema);
        if (!found.IsOk)
        {
            return found;
        }

        while (true)
        {
            EsfStatus status = EsfJson.TryEncode(schema!, json, _message, out int length);
            _used = status.IsOk ? Math.Max(_used, length) : _message.Length;
            if (status.IsOk)
            {
                _take(schema!, _message.AsSpan(0, length));
                return TranslateStatus.Ok;
            }

            if (!status.IsDestinationTooSmall)
            {
                return TranslateStatus.Unfit(status.Describe(json));
            }

            if (_message.Length >= _maxBytes)
            {
                return MappedMessages.TooLong();
            }

            CryptographicOperations.ZeroMemory(_message);
            _message = new byte[(int)Math.Min(_maxBytes, 2L * _message.Length)];
        }
    }

    private void Forget()
    {
        _feed.Reset();
        CryptographicOperations.ZeroMemory(_message.AsSpan(0, _used));
        _used = 0;
    }
}

/// <summary>Receives an ESF message converted from an ISO 20022 message.</summary>
/// <param name="schema">The schema of the message.</param>
/// <param name="message">The message, with private fields as plaintext; valid until the call returns.</param>
public delegate void Iso20022MessageTaker(EsfSchema schema, ReadOnlySpan<byte> message);
