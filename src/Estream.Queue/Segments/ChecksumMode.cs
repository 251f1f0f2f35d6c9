namespace Estream.Queue.Internal;

/// <summary>Whether frames get checksums, known when a method is compiled, so that each has code of its own.</summary>
internal interface IChecksumMode
{
    static abstract bool IsOn { get; }
}

/// <summary>They do.</summary>
internal readonly struct Checksummed : IChecksumMode
{
    public static bool IsOn => true;
}

/// <summary>They do not.</summary>
internal readonly struct Plain : IChecksumMode
{
    public static bool IsOn => false;
}
