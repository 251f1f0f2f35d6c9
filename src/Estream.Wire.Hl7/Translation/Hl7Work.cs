using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>The buffers of a translation: parser, text and scratch. A connection enters its own work before it stores a message, so that
/// the
/// message is parsed once for all resources made of it. Not thread-safe.</summary>
internal sealed class Hl7Work(Hl7Limits limits)
{
    private const int MaxShortValue = 96;

    [ThreadStatic]
    private static Hl7Work? t_entered;

    [ThreadStatic]
    private static Hl7Work? t_own;

    private ReadOnlyMemory<byte> _source;

    public Hl7Parser Parser { get; } = new(limits);

    public Hl7Text Text { get; } = new();

    public byte[] Scratch { get; } = new byte[2_048];

    /// <summary>A logical id. On the heap, since writers keep spans that a stack frame must not own.</summary>
    public byte[] Id { get; } = new byte[Pseudonyms.IdLength];

    /// <summary>A reference to a resource.</summary>
    public byte[] Reference { get; } = new byte["DocumentReference/".Length + Pseudonyms.IdLength];

    /// <summary>A time, and the end of a period or another short value.</summary>
    public byte[] Time { get; } = new byte[MaxShortValue];

    /// <inheritdoc cref="Time"/>
    public byte[] EndTime { get; } = new byte[MaxShortValue];

    /// <summary>Makes this the work of the calling thread for a message that its parser has just parsed.</summary>
    public void Enter(ReadOnlyMemory<byte> source)
    {
        _source = source;
        t_entered = this;
    }

    /// <summary>Ends <see cref="Enter"/>, on the same thread.</summary>
    public void Exit()
    {
        _source = default;
        t_entered = null;
    }

    /// <summary>Returns the work of the calling thread with a parsed message.</summary>
    public static Hl7Work Of(ReadOnlySpan<byte> payload, Hl7Limits limits, out Hl7Message message, out Hl7Status status)
    {
        if (t_entered is { } entered && entered._source.Span == payload)
        {
            status = Hl7Status.Ok;
            message = entered.Parser.Last(payload);
            return entered;
        }

        t_own ??= new Hl7Work(limits);
        status = t_own.Parser.Parse(payload, out message);
        return t_own;
    }
}
