using System.Numerics;
using Estream.Crypto.Internal.Edwards;
using Estream.Crypto.Internal.Vrf;
using Estream.Crypto.Tests.Support;
using Estream.Testing;
using Org.BouncyCastle.Crypto.Parameters;

namespace Estream.Crypto.Tests.Vrf;

/// <summary>Tests <see cref="Ecvrf"/>: the vectors of the standard, an independent implementation, and hostile keys and proofs.</summary>
public sealed class EcvrfTests
{
    private const int Everyday = 12;
    private const int Full = 500;

    private readonly EcvrfPrivateKey _key = EcvrfPrivateKey.ImportSeed(DsaKeys.Bytes(7, Ecvrf.SeedBytes));

    // RFC 9381, appendix B.3, examples 16, 17 and 18: SK, PK, alpha, H, pi, beta. The second needs two attempts to find H.
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "91bbed02a99461df1ad4c6564a5f5d829d0b90cfc7903e7a5797bd658abf3318",
        "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d97"
            + "27d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
        "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff"
            + "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "5b659fc3d4e9263fd9a4ed1d022d75eaacc20df5e09f9ea937502396598dc551",
        "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465"
            + "301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
        "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"
            + "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "bf4339376f5542811de615e3313d2b36f6f53c0acfebb482159711201192576a",
        "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0"
            + "e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
        "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c45"
            + "2118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f")]
    public void Proofs_and_outputs_equal_those_of_RFC_9381(
        string seed, string publicKey, string input, string h, string proof, string output)
    {
        using EcvrfPrivateKey key = EcvrfPrivateKey.ImportSeed(Convert.FromHexString(seed));
        byte[] alpha = Convert.FromHexString(input), point = new byte[32];
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Encoded.Span));
        Assert.True(EcvrfHash.TryEncodeToCurve(key.PublicKey.Suite, key.PublicKey.Encoded.Span, alpha, out EdwardsPoint found));
        found.Encode(point);
        Assert.Equal(h, Convert.ToHexStringLower(point));
        (byte[] pi, byte[] beta) = Prove(key, alpha);
        Assert.Equal(proof, Convert.ToHexStringLower(pi));
        Assert.Equal(output, Convert.ToHexStringLower(beta));
        byte[] verified = new byte[Ecvrf.OutputBytes];
        Assert.True(EcvrfPublicKey.Import(Convert.FromHexString(publicKey)).TryVerify(alpha, pi, verified));
        Assert.Equal(beta, verified);
    }

    [Property(Everyday, Full)]
    public void An_independent_implementation_gives_the_same_key_proof_and_output(int number, byte[] input)
    {
        byte[] seed = DsaKeys.Bytes(number, Ecvrf.SeedBytes);
        using EcvrfPrivateKey key = EcvrfPrivateKey.ImportSeed(seed);
        (byte[] theirKey, byte[] theirProof, byte[] theirOutput) = ReferenceEcvrf.Prove(seed, input);
        (byte[] proof, byte[] output) = Prove(key, input);
        Assert.Equal(theirKey, key.PublicKey.Encoded.ToArray());
        Assert.Equal(theirProof, proof);
        Assert.Equal(theirOutput, output);
        Assert.Equal(new Ed25519PrivateKeyParameters(seed).GeneratePublicKey().GetEncoded(), theirKey);
    }

    [Property(Everyday, Full)]
    public void Points_decode_and_multiply_as_in_the_independent_implementation(int number)
    {
        byte[] encoded = DsaKeys.Bytes(number, 32), scalar = DsaKeys.Bytes(number + 1, 32), result = new byte[32];
        bool isPoint = EdwardsPoint.TryDecode(encoded, out EdwardsPoint point);
        (BigInteger, BigInteger)? theirs = ReferenceEcvrf.Decode(encoded);
        Assert.Equal(theirs is not null, isPoint);
        if (isPoint)
        {
            point.Multiply(scalar).Encode(result);
            Assert.Equal(ReferenceEcvrf.Encode(ReferenceEcvrf.Multiply(ReferenceEcvrf.Integer(scalar), theirs!.Value)), result);
        }
    }

    [Property(Everyday, Full)]
    public void Scalars_reduce_and_multiply_as_big_integers_do(int number)
    {
        byte[] wide = DsaKeys.Bytes(number, 64), result = new byte[32];
        (byte[] a, byte[] b, byte[] c) = (wide[..32], wide[32..], DsaKeys.Bytes(number + 1, 32));
        EdwardsScalar.Reduce(wide, result);
        Assert.Equal(ReferenceEcvrf.Bytes(ReferenceEcvrf.Integer(wide) % ReferenceEcvrf.Order), result);
        EdwardsScalar.MultiplyAdd(a, b, c, result);
        BigInteger expected = ReferenceEcvrf.Integer(a) + (ReferenceEcvrf.Integer(b) * ReferenceEcvrf.Integer(c));
        Assert.Equal(ReferenceEcvrf.Bytes(expected % ReferenceEcvrf.Order), result);
    }

    [Fact]
    public void Field_elements_at_the_limits_behave_as_integers_modulo_p()
    {
        BigInteger p = BigInteger.Pow(2, 255) - 19;
        BigInteger[] values = [0, 1, 18, 19, 20, p - 20, p - 19, p - 1, p, p + 1, p + 18, BigInteger.Pow(2, 255) - 20];
        byte[] encoded = new byte[32];
        foreach (BigInteger x in values)
        {
            FieldElement a = FieldElement.Decode(ReferenceEcvrf.Bytes(x));
            foreach (BigInteger y in values)
            {
                FieldElement b = FieldElement.Decode(ReferenceEcvrf.Bytes(y));
                (a + b).Encode(encoded);
                Assert.Equal(ReferenceEcvrf.Bytes((x + y) % p), encoded);
                (a - b).Encode(encoded);
                Assert.Equal(ReferenceEcvrf.Bytes((x - y + (2 * p)) % p), encoded);
                (a * b).Encode(encoded);
                Assert.Equal(ReferenceEcvrf.Bytes(x * y % p), encoded);
            }

            (a * a.Invert()).Encode(encoded);
            Assert.Equal(ReferenceEcvrf.Bytes((x % p).IsZero ? 0 : 1), encoded);
        }
    }

    [Fact]
    public void Scalars_at_the_limits_are_reduced_and_recognised()
    {
        BigInteger q = ReferenceEcvrf.Order;
        byte[] result = new byte[32];
        foreach (BigInteger x in new[] { 0, 1, q - 1, q, q + 1, 2 * q, BigInteger.Pow(2, 256) - 1 })
        {
            Assert.Equal(x < q, EdwardsScalar.IsCanonical(ReferenceEcvrf.Bytes(x)));
            EdwardsScalar.MultiplyAdd(ReferenceEcvrf.Bytes(x), ReferenceEcvrf.Bytes(0), ReferenceEcvrf.Bytes(0), result);
            Assert.Equal(ReferenceEcvrf.Bytes(x % q), result);
        }

        EdwardsScalar.Reduce([.. Enumerable.Repeat(byte.MaxValue, 64)], result);
        Assert.Equal(ReferenceEcvrf.Bytes((BigInteger.Pow(2, 512) - 1) % q), result);
    }

    [Fact]
    public void A_proof_with_any_changed_bit_or_another_input_or_key_is_refused()
    {
        (byte[] proof, byte[] output) = Prove(_key, [1, 2, 3]);
        byte[] verified = new byte[Ecvrf.OutputBytes];
        Assert.True(_key.PublicKey.TryVerify([1, 2, 3], proof, verified));
        Assert.Equal(output, verified);
        for (int bit = 0; bit < 8 * proof.Length; bit++)
        {
            proof[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_key.PublicKey.TryVerify([1, 2, 3], proof, verified), $"bit {bit}");
            Assert.Equal(new byte[Ecvrf.OutputBytes], verified);
            proof[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        using EcvrfPrivateKey other = EcvrfPrivateKey.Generate();
        Assert.False(_key.PublicKey.TryVerify([1, 2, 4], proof, verified));
        Assert.False(other.PublicKey.TryVerify([1, 2, 3], proof, verified));
        Assert.False(_key.PublicKey.TryVerify([1, 2, 3], proof.AsSpan(1), verified));
        Assert.False(_key.PublicKey.TryVerify([1, 2, 3], [.. proof, 0], verified));
        Assert.False(_key.PublicKey.TryVerify([1, 2, 3], [], verified));
    }

    [Fact]
    public void A_proof_whose_response_is_not_reduced_is_refused()
    {
        (byte[] proof, _) = Prove(_key, [1]);
        ReferenceEcvrf.Bytes(ReferenceEcvrf.Integer(proof.AsSpan(48)) + ReferenceEcvrf.Order).CopyTo(proof, 48);
        Assert.False(_key.PublicKey.TryVerify([1], proof, new byte[Ecvrf.OutputBytes]));
    }

    [Fact]
    public void Keys_of_small_order_and_keys_in_a_second_encoding_are_refused()
    {
        Assert.True(EdwardsPoint.TryDecode(
            Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), out EdwardsPoint eighth));
        HashSet<string> small = [];
        EdwardsPoint multiple = EdwardsPoint.Identity;
        byte[] encoded = new byte[32];
        for (int i = 0; i < 8; i++)
        {
            multiple += eighth;
            multiple.Encode(encoded);
            Assert.True(small.Add(Convert.ToHexStringLower(encoded)));
            Refuse(encoded);
        }

        Assert.True(multiple.IsIdentity);
        const string Ones = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
        foreach (string other in new[]
            {
                $"ed{Ones}7f", $"ed{Ones}ff", $"ee{Ones}7f", $"ee{Ones}ff", $"f0{Ones}7f", $"ff{Ones}7f", $"ff{Ones}ff", $"ec{Ones}ff",
                $"01{new string('0', 60)}80", $"02{new string('0', 62)}",
            })
        {
            Refuse(Convert.FromHexString(other));
        }

        static void Refuse(byte[] key) =>
            Assert.Equal(KeyFault.Point, Assert.Throws<EstreamInvalidKeyException>(() => EcvrfPublicKey.Import(key)).Fault);
    }

    [Fact]
    public void Wrong_lengths_and_disposed_keys_are_errors()
    {
        byte[] proof = new byte[Ecvrf.ProofBytes], output = new byte[Ecvrf.OutputBytes], seed = new byte[Ecvrf.SeedBytes];
        Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => EcvrfPublicKey.Import(new byte[31])).Fault);
        Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => EcvrfPrivateKey.ImportSeed(new byte[33])).Fault);
        Assert.Throws<ArgumentException>(() => _key.Prove([], new byte[79], output));
        Assert.Throws<ArgumentException>(() => _key.Prove([], proof, new byte[65]));
        Assert.Throws<ArgumentException>(() => _key.PublicKey.TryVerify([], proof, new byte[63]));
        Assert.Throws<ArgumentException>(() => _key.ExportSeed(new byte[31]));
        _key.ExportSeed(seed);
        Assert.Equal(DsaKeys.Bytes(7, Ecvrf.SeedBytes), seed);
        _key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _key.Prove([], proof, output));
        Assert.Throws<ObjectDisposedException>(() => _key.ExportSeed(seed));
    }

    private static (byte[] Proof, byte[] Output) Prove(EcvrfPrivateKey key, byte[] input)
    {
        byte[] proof = new byte[Ecvrf.ProofBytes], output = new byte[Ecvrf.OutputBytes];
        key.Prove(input, proof, output);
        return (proof, output);
    }
}
