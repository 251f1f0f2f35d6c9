using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The operation of a round of `sign`: executed one after the other on one thread, each timed.</summary>
internal enum SignatureStep
{
    /// <summary>Generates a new key pair.</summary>
    Keygen,

    /// <summary>Creates a hedged signature over 64 bytes with a context of 16 bytes.</summary>
    Sign,

    /// <summary>Verifies a signature with a key that is already loaded.</summary>
    Verify,

    /// <summary>Signs, and appends message and signature to a queue.</summary>
    SignedAppend,
}

/// <summary>The number and the kind of operations.</summary>
internal sealed record SignatureWorkload(RunSize Size, SignatureStep Step)
{
    public const int DataBytes = 64;

    public const int ContextBytes = 16;

    /// <summary>Signatures of a round that are kept, each of its own message.</summary>
    public const int Slots = 64;

    /// <summary>The divisor for implementations that are about twenty times slower.</summary>
    public const int SlowPortion = 20;

    /// <summary>The divisor for implementations that are about five hundred times slower.</summary>
    public const int SlowestPortion = 500;

    public int Operations => (int)Size.Of(Step == SignatureStep.Verify ? 10_000 : 4_000, 1_000);

    /// <summary>Returns the arguments of a peer that does fewer operations.</summary>
    public string Arguments(int portion) => $"{Step.ToString().ToLowerInvariant()} {Operations / portion}";
}

/// <summary>One implementation of ML-DSA-87 with its own key.</summary>
internal interface ISignatures : IDisposable
{
    int SignatureBytes { get; }

    void Generate();

    void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature);

    bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature);
}
