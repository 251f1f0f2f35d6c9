namespace Estream.Esf.Expressions.Execution;

/// <summary>The inputs of a program: the constants and the two messages. A text value is a range of bytes in one of these inputs.</summary>
/// <param name="constants">The texts of the expression itself.</param>
/// <param name="message">The message.</param>
/// <param name="messageFixed">The readable length of its fixed block; 0 if the message does not belong to the schema.</param>
/// <param name="other">The second message.</param>
/// <param name="otherFixed">The readable length of the second message's fixed block; 0 if it does not belong to its schema.</param>
internal readonly ref struct Inputs(ReadOnlySpan<byte> constants, ReadOnlySpan<byte> message, int messageFixed, ReadOnlySpan<byte> other,
    int otherFixed)
{
    public const int Constants = 0;

    private readonly ReadOnlySpan<byte> _constants = constants;
    private readonly ReadOnlySpan<byte> _message = message;
    private readonly ReadOnlySpan<byte> _other = other;
    private readonly int _messageFixed = messageFixed;
    private readonly int _otherFixed = otherFixed;

    /// <summary>Returns one of the messages, and the readable length of its fixed block.</summary>
    public ReadOnlySpan<byte> Message(int source, out int fixedLength)
    {
        fixedLength = source == FieldPath.InMessage ? _messageFixed : _otherFixed;
        return source == FieldPath.InMessage ? _message : _other;
    }

    /// <summary>Returns the bytes of a text.</summary>
    public ReadOnlySpan<byte> BytesOf(scoped in Slot slot)
    {
        (int offset, int length, int source) = slot.Place;
        return (source == Constants ? _constants : source == FieldPath.InMessage ? _message : _other).Slice(offset, length);
    }
}
