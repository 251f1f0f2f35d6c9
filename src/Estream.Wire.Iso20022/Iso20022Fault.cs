namespace Estream.Wire.Iso20022;

/// <summary>An error in the bytes of a message, with its position; the default value means "no fault".</summary>
/// <param name="Reason">The kind of error.</param>
/// <param name="Position">The offset in bytes of the tag, text or comment that is wrong.</param>
public readonly record struct Iso20022Fault(Iso20022Reason Reason, long Position)
{
    /// <summary>Whether there is an error.</summary>
    public bool IsFault => Reason != Iso20022Reason.None;

    /// <summary>The error as text, without any content of the message.</summary>
    public override string ToString() => IsFault ? $"{Reason} at byte {Position}" : "no fault";
}
