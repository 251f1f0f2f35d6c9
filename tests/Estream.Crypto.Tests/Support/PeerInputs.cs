using FsCheck;
using FsCheck.Fluent;

namespace Estream.Crypto.Tests.Support;

/// <summary>Inputs of a signature, named by numbers so that a failure prints a short line.</summary>
/// <param name="Number">The seed of the random bytes.</param>
/// <param name="DataBytes">The length of the message.</param>
/// <param name="ContextBytes">The length of the context.</param>
/// <param name="Bit">The bit of the signature to change.</param>
public sealed record DsaInput(int Number, int DataBytes, int ContextBytes, int Bit)
{
    internal byte[] Seed => DsaKeys.Bytes(Number, MlDsa87.SeedBytes);

    internal byte[] Data => DsaKeys.Bytes(Number ^ 1, DataBytes);

    internal byte[] Context => DsaKeys.Bytes(Number ^ 2, ContextBytes);
}

/// <summary>Inputs of a key encapsulation, named by numbers so that a failure prints a short line.</summary>
/// <param name="Number">The seed of the random bytes.</param>
/// <param name="Bit">The bit of the ciphertext to change.</param>
public sealed record KemInput(int Number, int Bit)
{
    internal byte[] Seed => DsaKeys.Bytes(Number, MlKem1024.SeedBytes);
}

/// <summary>Generators for the properties that compare with BouncyCastle.</summary>
public static class PeerInputs
{
    private const int MaxDataBytes = 10_000;

    private static readonly Gen<int> s_numbers = Gen.Choose(0, int.MaxValue - 1);

    // Chooses the minimum, the maximum, lengths around a block of SHAKE256, and lengths in between.
    private static readonly Gen<int> s_dataBytes =
        Gen.OneOf(Gen.Elements(0, 1, MaxDataBytes), Gen.Choose(0, 300), Gen.Choose(0, MaxDataBytes));

    private static readonly Gen<int> s_contextBytes =
        Gen.OneOf(Gen.Elements(0, 1, MlDsa87.MaxContextBytes), Gen.Choose(0, MlDsa87.MaxContextBytes));

    public static Arbitrary<DsaInput> Signatures() => Arb.From(
        from number in s_numbers
        from dataBytes in s_dataBytes
        from contextBytes in s_contextBytes
        from bit in Gen.Choose(0, (8 * MlDsa87.SignatureBytes) - 1)
        select new DsaInput(number, dataBytes, contextBytes, bit));

    public static Arbitrary<KemInput> Encapsulations() => Arb.From(
        from number in s_numbers
        from bit in Gen.Choose(0, (8 * MlKem1024.CiphertextBytes) - 1)
        select new KemInput(number, bit));
}
