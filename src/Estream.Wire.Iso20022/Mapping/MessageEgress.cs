using System.Buffers;
using System.Text.Json;
using Estream.Esf;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Writes a message of ESF, or the parts of one, as one message in XML. What was written of a part is checked and handed on before the next
/// one is asked for, so that memory is that of one.
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

    /// <summary>Whether a part was refused.</summary>
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
            return TranslateStatus.NotMapped("message_definition names no version that is translated");
        }

        // A copy: the first part is read on behind the last one.
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

    /// <summary>Takes the next part, when all that was written of the one before is done with.</summary>
    /// <param name="part">The part; valid until the next one is taken.</param>
    /// <returns>False when there is none, or it is no part of this message: then nothing more is of use.</returns>
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
            _status = TranslateStatus.Unfit("there is something behind the last part");
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

    /// <summary>Overwrites what was held: private values stand there in clear.</summary>
    public void Dispose()
    {
        _part?.Dispose();
        _parts.Dispose();
        _json.Clear();
        _xml.Clear();
    }

    // That it is the next of its message.
    private bool TryFollow(JsonElement part)
    {
        StatementPart own = StatementPart.Of(part);
        bool isNext = own.Number == _number + 1 && (_number == 0 || own.Ids == _ids);
        if (!isNext)
        {
            _status = TranslateStatus.Unfit("the parts are not those of one message, in their order");
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
