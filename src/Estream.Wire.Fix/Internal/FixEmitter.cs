using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Trading;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

/// <summary>Translates ESF messages to FIX fields, which wait in an EgressMessage, and sends them. Thread-safe.</summary>
internal sealed class FixEmitter : IDisposable
{
    // MsgType, OnBehalfOfCompID and PossResend.
    private const int MaxHeaderFields = 3;

    private readonly Dictionary<string, Way> _egress;
    private readonly FixProtocol _protocol;
    private readonly FixFills? _fills;
    private readonly FixMessageBuilder _translated = new("0");
    private readonly Lock _gate = new();

    /// <param name="protocol">The version of the messages.</param>
    /// <param name="translatorFor">Creates the translator of messages to a counterparty.</param>
    /// <param name="egress">The egress definitions, each with its schema.</param>
    /// <param name="fills">Creates reports of fills; null if no fills are sent.</param>
    /// <exception cref="WireConfigurationException">The keys of an egress cannot be read.</exception>
    public FixEmitter(FixProtocol protocol, Func<string, FixTranslator> translatorFor,
        IEnumerable<(FixEgress Egress, EsfSchema Schema)> egress, FixFills? fills)
    {
        _protocol = protocol;
        _fills = fills;
        _egress = egress.ToDictionary(
            one => one.Schema.QualifiedName,
            one => new Way(
                one.Egress.TargetCompId, translatorFor(one.Egress.TargetCompId),
                one.Egress.KeyFolder is { } folder ? new EgressKeys(one.Schema, folder) : null),
            StringComparer.Ordinal);
    }

    // The state of the order is known only when its report is sent, so until then the payload holds the fill untranslated.
    private static ReadOnlySpan<byte> FillMark => "35=8\u0001"u8;

    /// <summary>Translates a message. The topic is the counterparty. The payload holds MsgType, header fields and body, or the untranslated
    /// fill after a mark.</summary>
    public TranslateStatus Translate(in EsfMessage message, EgressMessage destination)
    {
        destination.Clear();
        if (!_egress.TryGetValue(message.Schema.QualifiedName, out Way? egress))
        {
            return TranslateStatus.NotMapped("no egress covers this schema");
        }

        if (message.Schema.Id == EStreamFill.SchemaId)
        {
            Encoding.UTF8.GetBytes(egress.TargetCompId, destination.Topic);
            destination.Payload.Write(FillMark);
            destination.Payload.Write(message.Bytes);
            return TranslateStatus.Ok;
        }

        lock (_gate)
        {
            ReadOnlySpan<byte> open = message.Bytes;
            TranslateStatus status = egress.Keys is { } keys ? TranslateStatus.Of(keys.Open(message.Bytes, out open)) : TranslateStatus.Ok;
            status = status.IsOk ? egress.Translator.ToFix(new EsfMessage(message.Schema, open), _translated) : status;
            if (!status.IsOk)
            {
                return status;
            }

            Encoding.UTF8.GetBytes(egress.TargetCompId, destination.Topic);
            Write(destination.Payload, Tag.MsgType, Encoding.ASCII.GetBytes(_translated.MsgType));
            foreach ((int tag, byte[] value) in _translated.Header)
            {
                Write(destination.Payload, tag, value);
            }

            destination.Payload.Write(_translated.Body);
            return status;
        }
    }

    /// <summary>Sends a translated message. When this returns <see cref="EmitStatus.Ok"/>, the message is in the session's journal and
    /// queued for sending.</summary>
    public EmitStatus Emit(EgressMessage message, IReadOnlyList<FixSession> sessions)
    {
        string target = Encoding.UTF8.GetString(message.Topic.WrittenSpan);
        FixSession? session = sessions.FirstOrDefault(one => one.TargetCompId == target);
        if (session is null)
        {
            return new EmitStatus(EmitCode.Refused, "there is no session with the counterparty that the topic names");
        }

        ReadOnlySpan<byte> payload = message.Payload.WrittenSpan;
        if (_fills is { } fills && payload.StartsWith(FillMark))
        {
            return Report(fills, payload[FillMark.Length..], session);
        }

        return TryRead(payload, out FixMessageBuilder? builder)
            ? Send(session, builder)
            : new EmitStatus(EmitCode.Refused, "the payload was not created by TranslateEgress");
    }

    public void Dispose()
    {
        foreach (Way way in _egress.Values)
        {
            way.Keys?.Dispose();
        }
    }

    private static EmitStatus Report(FixFills fills, ReadOnlySpan<byte> fill, FixSession session)
    {
        return fills.Report(fill, report => Send(session, report));
    }

    private static EmitStatus Send(FixSession session, FixMessageBuilder message)
    {
        try
        {
            return session.Send(message) switch
            {
                FixSendStatus.Sent => EmitStatus.Ok,
                FixSendStatus.NotLoggedOn => new EmitStatus(EmitCode.NotConnected, $"{session.TargetCompId} is not logged on"),
                _ => new EmitStatus(EmitCode.Refused, "the message is longer than MaxMessageBytes"),
            };
        }
        catch (EstreamStorageException failure)
        {
            return new EmitStatus(EmitCode.Deferred, $"the journal cannot be written: {failure.Message}");
        }
    }

    private static void Write(ArrayBufferWriter<byte> destination, int tag, ReadOnlySpan<byte> value)
    {
        Span<byte> room = destination.GetSpan(value.Length + FixMessageWriter.FieldOverhead);
        destination.Advance(FixText.WriteField(room, tag, value));
    }

    private bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out FixMessageBuilder? builder)
    {
        builder = null;
        FixFieldIndex index = new(_protocol.DataTags, SendCheck.MaxFields + MaxHeaderFields);
        index.Parse(payload);
        if (index.Count < 2 || index.TagOf(0) != Tag.MsgType)
        {
            return false;
        }

        string msgType = Encoding.ASCII.GetString(payload.Slice(index.StartOf(0), index.LengthOf(0)));
        if (FixTranslator.SchemaOf(msgType) is null)
        {
            return false;
        }

        builder = new FixMessageBuilder(msgType);
        for (int field = 1; field < index.Count; field++)
        {
            ReadOnlySpan<byte> value = payload.Slice(index.StartOf(field), index.LengthOf(field));
            if (index.TagOf(field) is Tag.OnBehalfOfCompId or FixTags.PossResend)
            {
                builder.AddHeader(index.TagOf(field), value);
            }
            else
            {
                builder.AddAsItCame(index.TagOf(field), value);
            }
        }

        return true;
    }

    /// <summary>The counterparty of a schema's messages, their translator, and the keys that open them.</summary>
    private sealed record Way(string TargetCompId, FixTranslator Translator, EgressKeys? Keys);
}
