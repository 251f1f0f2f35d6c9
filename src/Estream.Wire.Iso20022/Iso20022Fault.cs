namespace Estream.Wire.Iso20022;

/// <summary>What is wrong with bytes, and where; default is "no fault".</summary>
/// <param name="Reason">What is wrong.</param>
/// <param name="Position">How many bytes stand before the tag, text or comment that is wrong.</param>
public readonly record struct Iso20022Fault(Iso20022Reason Reason, long Position)
{
    /// <summary>Whether anything is wrong.</summary>
    public bool IsFault => Reason != Iso20022Reason.None;

    /// <summary>For people. Has nothing of the message.</summary>
    public override string ToString() => IsFault ? $"{Reason} at byte {Position}" : "no fault";
}
