using Estream.Crypto.Internal.MlDsa;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Crypto.Tests.Support;

/// <summary>Creates signature keys from seeds, so that a failure can print the seed, and returns the bytes of keys.</summary>
internal static class DsaKeys
{
    /// <summary>Seeds of private keys.</summary>
    public static Gen<byte[]> Seed { get; } = Keys.BytesOf(MlDsa87.SeedBytes);

    /// <summary>Returns a key determined by a number.</summary>
    public static MlDsa87PrivateKey Numbered(int number) => MlDsa87PrivateKey.ImportSeed(Bytes(number, MlDsa87.SeedBytes));

    /// <summary>Returns bytes determined by a number.</summary>
    public static byte[] Bytes(int number, int length)
    {
        var bytes = new byte[length];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Returns the expanded key.</summary>
    public static byte[] Export(MlDsa87PrivateKey key)
    {
        var expanded = new byte[MlDsa87.PrivateKeyBytes];
        key.Export(expanded);
        return expanded;
    }

    /// <summary>Returns a hedged signature.</summary>
    public static byte[] Sign(MlDsa87PrivateKey key, byte[] data, byte[] context)
    {
        var signature = new byte[MlDsa87.SignatureBytes];
        key.Sign(data, context, signature);
        return signature;
    }

    /// <summary>Returns a signature of any parameter set, with given randomness.</summary>
    public static byte[] Sign(SigningKey key, byte[] mu, byte[] random)
    {
        var signature = new byte[key.Verification.Parameters.SignatureBytes];
        key.Sign(mu, random, signature);
        return signature;
    }

    /// <summary>Returns the hash of a message and a context.</summary>
    public static byte[] Mu(VerificationKey key, byte[] message, byte[] context)
    {
        var mu = new byte[MlDsa87.MuBytes];
        MessageHash.Compute(key.Hash, message, context, mu);
        return mu;
    }

    /// <summary>Returns the parameter set with a number.</summary>
    public static ParameterSet Set(int number) => number switch
    {
        44 => ParameterSet.MlDsa44,
        65 => ParameterSet.MlDsa65,
        87 => ParameterSet.MlDsa87,
        _ => throw new ArgumentOutOfRangeException(nameof(number)),
    };

    /// <summary>Returns the key of a seed, and its expanded form.</summary>
    public static (SigningKey Key, byte[] Expanded) FromSeed(ParameterSet parameters, byte[] seed, PolynomialArithmetic? arithmetic = null)
    {
        var expanded = new byte[parameters.PrivateKeyBytes];
        return (KeyExpansion.FromSeed(parameters, arithmetic ?? PolynomialArithmetic.Best, seed, expanded), expanded);
    }

    /// <summary>Returns the key of an expanded form.</summary>
    public static SigningKey FromExpanded(ParameterSet parameters, byte[] expanded)
    {
        Assert.Equal(parameters.PrivateKeyBytes, expanded.Length);
        var again = new byte[expanded.Length];
        SigningKey? key = KeyExpansion.FromExpanded(parameters, PolynomialArithmetic.Best, expanded, again);
        Assert.NotNull(key);
        Assert.Equal(expanded, again);
        return key;
    }
}
