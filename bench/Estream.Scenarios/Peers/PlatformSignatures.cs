using System.Security.Cryptography;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>System.Security.Cryptography.MLDsa, where the platform's library has it.</summary>
internal sealed class PlatformSignatures : ISignatures
{
    private readonly MLDsa _key = MLDsa.GenerateKey(MLDsaAlgorithm.MLDsa87);

    public int SignatureBytes => MLDsaAlgorithm.MLDsa87.SignatureSizeInBytes;

    public void Generate() => MLDsa.GenerateKey(MLDsaAlgorithm.MLDsa87).Dispose();

    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature) => _key.SignData(data, signature, context);

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature) =>
        _key.VerifyData(data, signature, context);

    public void Dispose() => _key.Dispose();
}
