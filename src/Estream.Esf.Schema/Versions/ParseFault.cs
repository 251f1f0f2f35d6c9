namespace Estream.Esf.Schema;

/// <summary>Where a short text (a name, a version, a range) stops being one, and why. Immutable.</summary>
/// <param name="Offset">The first character that does not fit, counted from 0; the length of the text where something is missing at its
/// end.</param>
/// <param name="Reason">What is wrong and how it is put right, without the place.</param>
public sealed record ParseFault(int Offset, string Reason)
{
    /// <summary>The fault for a person: the place counted from 1, and the reason.</summary>
    public override string ToString() => $"character {Offset + 1}: {Reason}";
}
