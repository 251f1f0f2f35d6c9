using System.Text;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// What dead letters keep of messages that may hold private values: the reason, which quotes nothing, of the topic what is no value, and of
/// messages that may quote private values of others the part that cannot. Immutable.
/// </summary>
internal sealed class LetterRedaction
{
    private readonly bool _capturesPrivate;
    private readonly LetterContent? _quoting;

    /// <summary>The rule for the adapter that has these mappings.</summary>
    /// <param name="mappings">What it takes.</param>
    /// <param name="quoting">What is kept of messages that may quote private values of others; null where none do.</param>
    public LetterRedaction(IEnumerable<TopicMapping> mappings, LetterContent? quoting = null)
    {
        _quoting = quoting;
        foreach (TopicMapping mapping in mappings)
        {
            HasPrivate |= mapping.Schema.IsProtected;
            _capturesPrivate |= mapping.Pattern.Fields.Any(field => field.IsProtected);
        }
    }

    /// <summary>Whether a mapping takes private fields: then a message that fits none may be one of those, misspelled.</summary>
    public bool HasPrivate { get; }

    /// <summary>What is kept of a message that fits no mapping. Where some take private fields, it may be one of theirs whose topic was
    /// misspelled.</summary>
    /// <param name="message">The message.</param>
    /// <param name="why">What is wrong with it.</param>
    /// <param name="reason">The same, and what is not kept.</param>
    public WireMessage OfUnmapped(in WireMessage message, string why, out string reason)
    {
        if (!HasPrivate || _quoting is not null)
        {
            return OfPublic(message, why, out reason);
        }

        reason = _capturesPrivate
            ? $"{why} (topic and payload ({message.Payload.Length} bytes) are not kept: mappings of this adapter take private fields, "
                + "from topics too)"
            : $"{why} (its payload ({message.Payload.Length} bytes) is not kept: mappings of this adapter take private fields)";
        return new WireMessage(_capturesPrivate ? [] : message.Topic, []);
    }

    /// <summary>What is kept of a message that does not fit a schema without private fields.</summary>
    /// <param name="message">The message.</param>
    /// <param name="status">What is wrong with it.</param>
    /// <param name="reason">The same in words, and what is not kept.</param>
    public WireMessage OfPublic(in WireMessage message, in TranslateStatus status, out string reason)
    {
        return OfPublic(message, status.Describe(_quoting is null ? message.Payload : []), out reason);
    }

    /// <summary>What is kept of a message that does not fit a schema with private fields. Any part of its payload may hold what is private;
    /// of its topic, the levels that are private fields.</summary>
    /// <param name="message">The message.</param>
    /// <param name="captures">What its topic says.</param>
    /// <param name="status">What is wrong with it.</param>
    /// <param name="reason">The same in words.</param>
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
        reason = $"{why} (of its {message.Payload.Length} bytes those are kept that can quote no private value)";
        return new WireMessage(message.Topic, kept);
    }
}

/// <summary>
/// Says what dead letters keep of a payload whose own schema has no private fields, and in which a peer may quote private values of other
/// messages all the same: fields that hold names we gave, codes and numbers, and no free text. Called from any thread.
/// </summary>
/// <param name="payload">The payload as it came; may be anything.</param>
public delegate byte[] LetterContent(ReadOnlySpan<byte> payload);
