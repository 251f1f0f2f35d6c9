using System.Buffers;
using System.Text.Json;
using Estream.Esf;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Writes an ESF message, or the parts of a statement, as one XML message. The output of each part is validated and passed on before the
/// next part is requested, so memory is bounded by one part.
/// </summary>
internal sealed class MessageEgress : IDisposable
{
    private readonly EsfSchema _schema;
    private readonly IEnumerator<ReadOnlyMemory<byte>> _parts;
    private readonly Iso20022Validator _validator;
    private readonly IBufferWriter<byte> _destination;
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly ArrayBufferWriter<byte> _xml = new();
    private JsonDocument? _part;
    private string _ids = "";
    private int _number;
    private bool _isLast;
    private TranslateStatus _status;

    public MessageEgress(EsfSchema schema, IEnumerable<ReadOnlyMemory<byte>> parts, Iso20022Validator validator,
        IBufferWriter<byte> destination)
    {
        _schema = schema;
        _parts = parts.GetEnumerator();
        _validator = validator;
        _destination = destination;
    }

    /// <summary>Whether a part was rejected.</summary>
    public bool IsRefused => !_status.IsOk;

    /// <summary>Writes the message.</summary>
    public TranslateStatus Run()
    {
        if (!TryNext(out JsonElement first))
        {
            return _status.IsOk ? TranslateStatus.Unfit("there is no message") : _status;
        }

        MessageSchema? version = MappedMessages.VersionOf(_schema, StatementPart.Of(first).Definition);
        MapNode? plan = version is null ? null : MapPlan.Of(version);
        if (plan is null)
        {
            return TranslateStatus.NotMapped("message_definition does not name a supported version");
        }

        // The first part is cloned, because its members are still read after the last part.
        string? refused = new MessagePrinter(new XmlOutput(_xml), this).Print(version!, plan, first.Clone());
        TryNext(out _);
        if (!_status.IsOk || refused is not null)
        {
            return _status.IsOk ? TranslateStatus.Unfit(refused!) : _status;
        }

        HandOn();
        return !_isLast ? TranslateStatus.Unfit("the last part is missing")
            : _validator.Complete() ? TranslateStatus.Ok
            : MappedMessages.Wrong(_validator.Findings);
    }

    /// <summary>Reads the next part, after the output of the previous part was passed on.</summary>
    /// <param name="part">The part; valid until the next call.</param>
    /// <returns>False if there is no further part, or if the next part does not belong to this message; then the message ends.</returns>
    public bool TryNext(out JsonElement part)
    {
        part = default;
        HandOn();
        if (!_status.IsOk || !_parts.MoveNext())
        {
            return false;
        }

        if (_isLast)
        {
            _status = TranslateStatus.Unfit("there is a part after the last part");
            return false;
        }

        _json.Clear();
        _part?.Dispose();
        _part = null;
        _status = TranslateStatus.Of(EsfJson.WriteJson(_schema, _parts.Current.Span, _json, EsfDisclosure.Disclosed));
        if (!_status.IsOk)
        {
            return false;
        }

        _part = JsonDocument.Parse(_json.WrittenMemory);
        part = _part.RootElement;
        return TryFollow(part);
    }

    /// <summary>Overwrites the buffers, which contain private values as plaintext.</summary>
    public void Dispose()
    {
        _part?.Dispose();
        _parts.Dispose();
        _json.Clear();
        _xml.Clear();
    }

    // Checks that a part is the next part of the same message.
    private bool TryFollow(JsonElement part)
    {
        StatementPart own = StatementPart.Of(part);
        bool isNext = own.Number == _number + 1 && (_number == 0 || own.Ids == _ids);
        if (!isNext)
        {
            _status = TranslateStatus.Unfit("the parts do not belong to one message, or are out of order");
        }

        _isLast = own.IsLast;
        _ids = own.Ids;
        _number++;
        return isNext;
    }

    private void HandOn()
    {
        if (_xml.WrittenCount > 0)
        {
            _validator.Feed(_xml.WrittenSpan);
            _destination.Write(_xml.WrittenSpan);
            _xml.Clear();
        }
    }
}
