namespace Estream.Esf;

/// <summary>What becomes of private values that stand in clear in a message when it is written as JSON.</summary>
public enum EsfDisclosure
{
    /// <summary>Each is written as <c>{"$withheld":true}</c>, as one that is sealed is.</summary>
    Redacted,

    /// <summary>Each is written out: for who has asked to see it.</summary>
    Disclosed,
}
