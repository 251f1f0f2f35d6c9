using Estream.Crypto;

namespace Estream.Simulation.Machine;

/// <summary>A well-known ML-DSA-87 key with deterministic signatures, so that the seed determines the whole run.</summary>
internal sealed class SimulatedSigner : ISigner
{
    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);

    public string Algorithm => _key.Algorithm;

    public IVerifier Verifier => _key.PublicKey;

    public int SignatureSize => _key.SignatureSize;

    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature) =>
        _key.SignDeterministic(data, context, signature);

    public void Dispose() => _key.Dispose();
}
