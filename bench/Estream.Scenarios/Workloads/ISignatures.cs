namespace Estream.Scenarios.Workloads;

/// <summary>One implementation of ML-DSA-87 with a key of its own.</summary>
internal interface ISignatures : IDisposable
{
    int SignatureBytes { get; }

    void Generate();

    void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature);

    bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature);
}
