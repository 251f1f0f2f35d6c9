namespace Estream.Esf.Internal;

/// <summary>How the private fields of a message have to stand.</summary>
internal enum PrivateRule
{
    /// <summary>In clear or withheld: a message in memory.</summary>
    Any,

    /// <summary>Sealed, each that is there: a message with an envelope, and what is inside a sealed value.</summary>
    Sealed,

    /// <summary>None may be there with a value: a message without an envelope that is to be stored.</summary>
    Absent,
}
