using Estream.Crypto;

namespace Estream.Witness.Tests.Support;

/// <summary>An attestation that is identical each time it is created.</summary>
internal static class SampleAttestation
{
    public static TreeHead Head { get; } = new(OriginKind.Queue, 0x1122334455667788, 3, 1_000, 1_007, 0x20_0100, 1_700_000_000_123_456_789);

    public static byte[] Root { get; } = [.. Enumerable.Range(0, 32).Select(at => (byte)(0xA0 + at))];

    public static byte[] StateRoot { get; } = [.. Enumerable.Range(0, 32).Select(at => (byte)(0xC0 + at))];

    public static MlDsa87PrivateKey Key(int number = 1) =>
        MlDsa87PrivateKey.ImportSeed([.. Enumerable.Repeat((byte)number, MlDsa87.SeedBytes)]);

    public static Attestation Make()
    {
        using MlDsa87PrivateKey key = Key();
        return Attestation.Sign(Head, Root, new Deterministic(key));
    }

    public static Attestation MakeWithState()
    {
        using MlDsa87PrivateKey key = Key();
        return Attestation.Sign(Head, Root, StateRoot, new Deterministic(key));
    }

    /// <summary>Signs deterministically.</summary>
    private sealed class Deterministic(MlDsa87PrivateKey key) : ISigner
    {
        public string Algorithm => key.Algorithm;

        public IVerifier Verifier => key.PublicKey;

        public int SignatureSize => key.SignatureSize;

        public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature) =>
            key.SignDeterministic(data, context, signature);

        public void Dispose()
        {
        }
    }
}
