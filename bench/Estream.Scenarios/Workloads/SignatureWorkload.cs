using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What a round of `sign` does, one after the other on one thread, each timed.</summary>
internal enum SignatureStep
{
    /// <summary>A new key pair.</summary>
    Keygen,

    /// <summary>A hedged signature of 64 bytes with a context of 16.</summary>
    Sign,

    /// <summary>A verification with a key that is there.</summary>
    Verify,

    /// <summary>A signature, and message and signature appended to a queue.</summary>
    SignedAppend,
}

/// <summary>How often, and on what.</summary>
internal sealed record SignatureWorkload(RunSize Size, SignatureStep Step)
{
    public const int DataBytes = 64;

    public const int ContextBytes = 16;

    /// <summary>Signatures of a round that stay, each of its own message.</summary>
    public const int Slots = 64;

    /// <summary>Implementations that are some twenty times slower do one in so many.</summary>
    public const int SlowPortion = 20;

    /// <summary>Those that are some five hundred times slower.</summary>
    public const int SlowestPortion = 500;

    public int Operations => (int)Size.Of(Step == SignatureStep.Verify ? 10_000 : 4_000, 1_000);

    /// <summary>For a peer that does less: its operations, in words.</summary>
    public string Arguments(int portion) => $"{Step.ToString().ToLowerInvariant()} {Operations / portion}";
}

/// <summary>One implementation of ML-DSA-87 with a key of its own.</summary>
internal interface ISignatures : IDisposable
{
    int SignatureBytes { get; }

    void Generate();

    void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature);

    bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature);
}
