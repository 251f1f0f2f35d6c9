namespace Estream.Esf.Expressions.Execution;

/// <summary>What a program reads. Texts are places in one of the three.</summary>
/// <param name="constants">The texts of the expression itself.</param>
/// <param name="message">The message.</param>
/// <param name="messageFixed">How much of its fixed block can be read; 0 for a stranger.</param>
/// <param name="other">The second message.</param>
/// <param name="otherFixed">The same of it.</param>
internal readonly ref struct Inputs(ReadOnlySpan<byte> constants, ReadOnlySpan<byte> message, int messageFixed, ReadOnlySpan<byte> other,
    int otherFixed)
{
    public const int Constants = 0;

    private readonly ReadOnlySpan<byte> _constants = constants;
    private readonly ReadOnlySpan<byte> _message = message;
    private readonly ReadOnlySpan<byte> _other = other;
    private readonly int _messageFixed = messageFixed;
    private readonly int _otherFixed = otherFixed;

    /// <summary>One of the messages, and how much of its fixed block can be read.</summary>
    public ReadOnlySpan<byte> Message(int source, out int fixedLength)
    {
        fixedLength = source == FieldPath.InMessage ? _messageFixed : _otherFixed;
        return source == FieldPath.InMessage ? _message : _other;
    }

    /// <summary>The bytes of a text.</summary>
    public ReadOnlySpan<byte> BytesOf(scoped in Slot slot)
    {
        (int offset, int length, int source) = slot.Place;
        return (source == Constants ? _constants : source == FieldPath.InMessage ? _message : _other).Slice(offset, length);
    }
}
