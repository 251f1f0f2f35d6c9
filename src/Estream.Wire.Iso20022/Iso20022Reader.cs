using System.Security.Cryptography;
using Estream.Esf;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Turns a message of ISO 20022 into messages of ESF while it arrives: pacs.008 and pacs.002 into one, camt.052 and camt.053 into one for
/// each of their statements, and a long statement into several parts (<see cref="Iso20022Limits.MaxPartBytes"/>), each with all that stands
/// before the entries and with its number in <c>part</c>. Memory is that of one part, however many entries a statement has. Private fields
/// stand in clear: an <see cref="EsfSealer"/> comes next. To be used again after <see cref="Reset"/>; then it allocates nothing for a
/// message that is right. Not thread-safe.
/// </summary>
/// <remarks>
/// Statements are handed out before the end of the message is seen, so that none of them has to be held: they count when
/// <see cref="Complete"/> has said so, and are to be given up otherwise. Who can read a message twice gives it to an
/// <see cref="Iso20022Validator"/> first.
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

    // Of the message as much may have been written since it was overwritten.
    private int _used;

    private TranslateStatus _status;
    private bool _isOver;

    /// <summary>Creates a reader.</summary>
    /// <param name="schemas">Has the schemas of the pack; of a message whose schema it has not, <see cref="TranslateCode.NotMapped"/> is
    /// said.</param>
    /// <param name="take">Takes the messages, in their order, while pieces are fed.</param>
    /// <param name="limits">How much of a message is read.</param>
    /// <param name="checks">What messages are held to.</param>
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

    /// <summary>Creates a reader for who encodes messages himself.</summary>
    /// <param name="take">Takes the messages as JSON of their schemas.</param>
    /// <param name="limits">How much of a message is read.</param>
    /// <param name="checks">What messages are held to.</param>
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

    /// <summary>Name and version of the message, as in <c>camt.053.001.08</c>; null as long as it has not begun, and where there is no
    /// schema for it.</summary>
    public string? Definition => _check.Message?.Name;

    /// <summary>What was found wrong so far, in the order of the message.</summary>
    public IReadOnlyList<Iso20022Finding> Findings => _check.Findings;

    /// <summary>How many elements have no place in ESF, each with all that is in it.</summary>
    public long LeftOut => _mapper.LeftOut;

    /// <summary>Takes a piece of the message, of any length.</summary>
    /// <param name="piece">The bytes that have come.</param>
    /// <returns>False when no more are wanted: <see cref="Complete"/> says why.</returns>
    public bool Feed(ReadOnlySpan<byte> piece) => Push(piece, isLast: false);

    /// <summary>Says that nothing more comes.</summary>
    /// <returns>Whether all messages that were handed out count. Its words have names of elements and fields, and no values.</returns>
    public TranslateStatus Complete()
    {
        Push(default, isLast: true);
        return _status;
    }

    /// <summary>Makes it ready for another message. What it held of this one is overwritten.</summary>
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
        // What comes behind a mistake is to be thrown away.
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

        // The words of a refusal are made already, so nothing of the message is needed any more.
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

/// <summary>Takes a message of ESF that a message of ISO 20022 has become.</summary>
/// <param name="schema">Its schema.</param>
/// <param name="message">The message, with private fields in clear; valid until the call returns.</param>
public delegate void Iso20022MessageTaker(EsfSchema schema, ReadOnlySpan<byte> message);
