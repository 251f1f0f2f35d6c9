namespace Estream.Esf.Internal;

/// <summary>The required state of private fields in a message.</summary>
internal enum PrivateRule
{
    /// <summary>Unencrypted or withheld: a message in memory.</summary>
    Any,

    /// <summary>Every private field present is sealed: a message with an envelope, or the content of a sealed value.</summary>
    Sealed,

    /// <summary>No private field may have a value: a message without an envelope that is to be stored.</summary>
    Absent,
}
