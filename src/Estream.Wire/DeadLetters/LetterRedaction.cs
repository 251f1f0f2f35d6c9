using System.Text;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// Removes private values from dead letters: the payload, quotes of the payload in the reason, and the topic levels that are private
/// fields. If messages may quote private values of other messages, keeps only the parts that cannot contain such quotes. Immutable.
/// </summary>
internal sealed class LetterRedaction
{
    private readonly bool _capturesPrivate;
    private readonly LetterContent? _quoting;

    /// <summary>Creates the rules of an adapter.</summary>
    /// <param name="mappings">The mappings of the adapter.</param>
    /// <param name="quoting">Redacts messages that may quote private values of other messages; null if there are none.</param>
    public LetterRedaction(IEnumerable<TopicMapping> mappings, LetterContent? quoting = null)
    {
        _quoting = quoting;
        foreach (TopicMapping mapping in mappings)
        {
            HasPrivate |= mapping.Schema.IsProtected;
            _capturesPrivate |= mapping.Pattern.Fields.Any(field => field.IsProtected);
        }
    }

    /// <summary>Whether a mapping has private fields. A message that matches no mapping may then be a message with private fields and a
    /// misspelled topic.</summary>
    public bool HasPrivate { get; }

    /// <summary>Redacts a message that matches no mapping. If a mapping has private fields, the message may have private values
    /// too.</summary>
    /// <param name="message">The message.</param>
    /// <param name="why">Why the message was refused.</param>
    /// <param name="reason">The reason for the dead letter, with a note of the parts that were removed.</param>
    public WireMessage OfUnmapped(in WireMessage message, string why, out string reason)
    {
        if (!HasPrivate || _quoting is not null)
        {
            return OfPublic(message, why, out reason);
        }

        reason = _capturesPrivate
            ? $"{why} (topic and payload ({message.Payload.Length} bytes) are not kept: mappings of this adapter have private fields, "
                + "some of them in topics)"
            : $"{why} (its payload ({message.Payload.Length} bytes) is not kept: mappings of this adapter have private fields)";
        return new WireMessage(_capturesPrivate ? [] : message.Topic, []);
    }

    /// <summary>Redacts a message that violates a schema without private fields.</summary>
    /// <param name="message">The message.</param>
    /// <param name="status">Why the message was refused.</param>
    /// <param name="reason">The reason as text, with a note of the parts that were removed.</param>
    public WireMessage OfPublic(in WireMessage message, in TranslateStatus status, out string reason)
    {
        return OfPublic(message, status.Describe(_quoting is null ? message.Payload : []), out reason);
    }

    /// <summary>Redacts a message that violates a schema with private fields. Removes the whole payload, because any part of it may be
    /// private, and the topic levels that are private fields.</summary>
    /// <param name="message">The message.</param>
    /// <param name="captures">The captures of the topic.</param>
    /// <param name="status">Why the message was refused.</param>
    /// <param name="reason">The reason as text, with a note that the payload was removed.</param>
    public static WireMessage OfPrivate(in WireMessage message, ReadOnlySpan<FieldCapture> captures, in TranslateStatus status,
        out string reason)
    {
        reason = $"{status.Describe([])} (the payload, {message.Payload.Length} bytes, is not kept: its schema has private fields)";
        return new WireMessage(TopicWithout(message.Topic, captures), []);
    }

    private static byte[] TopicWithout(ReadOnlySpan<byte> topic, ReadOnlySpan<FieldCapture> captures)
    {
        List<byte> kept = new(topic.Length);
        int position = 0;
        foreach (FieldCapture capture in captures)
        {
            if (capture.Field.IsProtected)
            {
                kept.AddRange(topic[position..capture.Start]);
                kept.AddRange(Encoding.UTF8.GetBytes($"{{{capture.Field.Name}}}"));
                position = capture.Start + capture.Length;
            }
        }

        kept.AddRange(topic[position..]);
        return [.. kept];
    }

    private WireMessage OfPublic(in WireMessage message, string why, out string reason)
    {
        reason = why;
        if (_quoting is null)
        {
            return message;
        }

        byte[] kept = _quoting(message.Payload);
        reason = $"{why} (of its {message.Payload.Length} bytes, only parts that cannot quote private values are kept)";
        return new WireMessage(message.Topic, kept);
    }
}

/// <summary>
/// Redacts a payload of a schema without private fields that may quote private values of other messages: keeps ids, codes and numbers, and
/// no free text. Called from any thread.
/// </summary>
/// <param name="payload">The received payload; any bytes.</param>
public delegate byte[] LetterContent(ReadOnlySpan<byte> payload);
