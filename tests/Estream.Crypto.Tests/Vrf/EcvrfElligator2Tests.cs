using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto.Internal.Edwards;
using Estream.Crypto.Internal.Vrf;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests.Vrf;

/// <summary>Tests <see cref="EcvrfSuite.Elligator2"/>: the vectors of both standards, an independent implementation, hostile proofs, and
/// the separation from <see cref="EcvrfSuite.TryAndIncrement"/>.</summary>
public sealed class EcvrfElligator2Tests
{
    private const int Everyday = 12;
    private const int Full = 500;

    private readonly EcvrfPrivateKey _key = EcvrfPrivateKey.ImportSeed(DsaKeys.Bytes(7, Ecvrf.SeedBytes), EcvrfSuite.Elligator2);
    private readonly byte[] _proof = new byte[Ecvrf.ProofBytes];
    private readonly byte[] _output = new byte[Ecvrf.OutputBytes];

    // RFC 9381, appendix B.4, examples 19, 20 and 21: SK, PK, alpha, H, k, U, V, pi, beta.
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "b8066ebbb706c72b64390324e4a3276f129569eab100c26b9f05011200c1bad9",
        "55cbb247af9b8372259a97b2cfec656d78868deb33b203d51b9961c364522400",
        "762f5c178b68f0cddcc1157918edf45ec334ac8e8286601a3256c3bbf858edd9",
        "4652eba1c4612e6fce762977a59420b451e12964adbe4fbecd58a7aeff5860af",
        "7d9c633ffeee27349264cf5c667579fc583b4bda63ab71d001f89c10003ab46f14adf9a3cd8b8412d9038531e865c341"
            + "cafa73589b023d14311c331a9ad15ff2fb37831e00f0acaa6d73bc9997b06501",
        "9d574bf9b8302ec0fc1e21c3ec5368269527b87b462ce36dab2d14ccf80c53cc"
            + "cf6758f058c5b1c856b116388152bbe509ee3b9ecfe63d93c3b4346c1fbc6c54")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "76ac3ccb86158a9104dff819b1ca293426d305fd76b39b13c9356d9b58c08e57",
        "9565956daeedf376cad61b829b2a4d21ba1b52e9b3e2457477a64630a9711003",
        "8ec26e77b8cb3114dd2265fe1564a4efb40d109aa3312536d93dfe3d8d80a061",
        "fe799eb5770b4e3a5a27d22518bb631db183c8316bb552155f442c62a47d1c8b",
        "47b327393ff2dd81336f8a2ef10339112401253b3c714eeda879f12c509072ef055b48372bb82efbdce8e10c8cb9a2f9"
            + "d60e93908f93df1623ad78a86a028d6bc064dbfc75a6a57379ef855dc6733801",
        "38561d6b77b71d30eb97a062168ae12b667ce5c28caccdf76bc88e093e463598"
            + "7cd96814ce55b4689b3dd2947f80e59aac7b7675f8083865b46c89b2ce9cc735")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "13d2a8b5ca32db7e98094a61f656a08c6c964344e058879a386a947a4e189ed1",
        "1fda4077f737098b3f361c33a36cccafd7e9e9b720e1f84011254e25f37eed02",
        "a012f35433df219a88ab0f9481f4e0065d00422c3285f3d34a8b0202f20bac60",
        "fb613986d171b3e98319c7ca4dc44c5dd8314a6e5616c1a4f16ce72bd7a0c25a",
        "926e895d308f5e328e7aa159c06eddbe56d06846abf5d98c2512235eaa57fdce35b46edfc655bc828d44ad09d1150f31"
            + "374e7ef73027e14760d42e77341fe05467bb286cc2c9d7fde29120a0b2320d04",
        "121b7f9b9aaaa29099fc04a94ba52784d44eac976dd1a3cca458733be5cd090a"
            + "7b5fbd148444f17f8daf1fb55cb04b1ae85a626e30a54b4b0f8abf4a43314a58")]
    public void Proofs_and_outputs_of_Elligator_2_equal_those_of_RFC_9381(
        string seed, string publicKey, string input, string h, string k, string u, string v, string proof, string output)
    {
        byte[] secret = Convert.FromHexString(seed), alpha = Convert.FromHexString(input), nonce = new byte[32];
        using EcvrfPrivateKey key = EcvrfPrivateKey.ImportSeed(secret, EcvrfSuite.Elligator2);
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Encoded.Span));
        Assert.True(EcvrfHash.TryEncodeToCurve(EcvrfSuite.Elligator2, key.PublicKey.Encoded.Span, alpha, out EdwardsPoint found));
        Assert.Equal(h, Hex(found));
        EcvrfHash.Nonce(SHA512.HashData(secret).AsSpan(32), found, nonce);
        Assert.Equal(k, Convert.ToHexStringLower(nonce));
        Assert.Equal(u, Hex(EdwardsPoint.Generator.Multiply(nonce)));
        Assert.Equal(v, Hex(found.Multiply(nonce)));
        key.Prove(alpha, _proof, _output);
        Assert.Equal(proof, Convert.ToHexStringLower(_proof));
        Assert.Equal(output, Convert.ToHexStringLower(_output));
        byte[] verified = new byte[Ecvrf.OutputBytes];
        EcvrfPublicKey imported = EcvrfPublicKey.Import(Convert.FromHexString(publicKey), EcvrfSuite.Elligator2);
        Assert.True(imported.TryVerify(alpha, _proof, verified));
        Assert.Equal(_output, verified);
    }

    // RFC 9380, appendix J.5.2: msg (its first character repeats at the end), u, Q, P; highest digits first.
    [Theory]
    [InlineData("", 0,
        "7f3e7fb9428103ad7f52db32f9df32505d7b427d894c5093f7a0f0374a30641d",
        "42836f691d05211ebc65ef8fcf01e0fb6328ec9c4737c26050471e50803022eb",
        "22cb4aaa555e23bd460262d2130d6a3c9207aa8bbb85060928beb263d6d42a95",
        "1ff2b70ecf862799e11b7ae744e3489aa058ce805dd323a936375a84695e76da",
        "222e314d04a4d5725e9f2aff9fb2a6b69ef375a1214eb19021ceab2d687f0f9b")]
    [InlineData("abc", 0,
        "09cfa30ad79bd59456594a0f5d3a76f6b71c6787b04de98be5cd201a556e253b",
        "333e41b61c6dd43af220c1ac34a3663e1cf537f996bab50ab66e33c4bd8e4e19",
        "51b6f178eb08c4a782c820e306b82c6e273ab22e258d972cd0c511787b2a3443",
        "5f13cc69c891d86927eb37bd4afc6672360007c63f68a33ab423a3aa040fd2a8",
        "67732d50f9a26f73111dd1ed5dba225614e538599db58ba30aaea1f5c827fa42")]
    [InlineData("abcdef0123456789", 0,
        "475ccff99225ef90d78cc9338e9f6a6bb7b17607c0c4428937de75d33edba941",
        "55186c242c78e7d0ec5b6c9553f04c6aeef64e69ec2e824472394da32647cfc6",
        "5b9ea3c265ee42256a8f724f616307ef38496ef7eba391c08f99f3bea6fa88f0",
        "1dd2fefce934ecfd7aae6ec998de088d7dd03316aa1847198aecf699ba6613f1",
        "2f8a6c24dd1adde73909cada6a4a137577b0f179d336685c4a955a0a8e1a86fb")]
    [InlineData("q128_", 128,
        "049a1c8bd51bcb2aec339f387d1ff51428b88d0763a91bcdf6929814ac95d03d",
        "024b6e1621606dca8071aa97b43dce4040ca78284f2a527dcf5d0fbfac2b07e7",
        "5102353883d739bdc9f8a3af650342b171217167dcce34f8db57208ec1dfdbf2",
        "35fbdc5143e8a97afd3096f2b843e07df72e15bfca2eaf6879bf97c5d3362f73",
        "2af6ff6ef5ebba128b0774f4296cb4c2279a074658b083b8dcca91f57a603450")]
    [InlineData("a512_", 512,
        "3cb0178a8137cefa5b79a3a57c858d7eeeaa787b2781be4a362a2f0750d24fa0",
        "3e6368cff6e88a58e250c54bd27d2c989ae9b3acb6067f2651ad282ab8c21cd9",
        "38fb39f1566ca118ae6c7af42810c0bb9767ae5960abb5a8ca792530bfb9447d",
        "6e5e1f37e99345887fc12111575fc1c3e36df4b289b8759d23af14d774b66bff",
        "2c90c3d39eb18ff291d33441b35f3262cdd307162cc97c31bfcc7a4245891a37")]
    public void Points_of_messages_equal_those_of_RFC_9380(
        string start, int repeats, string u, string mappedX, string mappedY, string x, string y)
    {
        byte[] message = Encoding.ASCII.GetBytes(start + new string(start.FirstOrDefault(), repeats)), encoded = new byte[32];
        ReadOnlySpan<byte> tag = "QUUX-V01-CS02-with-edwards25519_XMD:SHA-512_ELL2_NU_"u8;
        int half = message.Length / 2;
        FieldElement element = Elligator2.HashToField(tag, [], message);
        element.Encode(encoded);
        Assert.Equal(u, Convert.ToHexStringLower([.. encoded.Reverse()]));
        Assert.Equal(Encoded(mappedX, mappedY), Hex(Elligator2.Map(element)));
        Assert.Equal(Encoded(x, y), Hex(Elligator2.EncodeToCurve(tag, message.AsSpan(0, half), message.AsSpan(half))));
    }

    [Property(Everyday, Full)]
    public void An_independent_implementation_gives_the_same_proof_and_output_of_Elligator_2(int number, byte[] input)
    {
        byte[] seed = DsaKeys.Bytes(number, Ecvrf.SeedBytes);
        using EcvrfPrivateKey key = EcvrfPrivateKey.ImportSeed(seed, EcvrfSuite.Elligator2);
        (_, byte[] theirProof, byte[] theirOutput) = ReferenceEcvrf.Prove(seed, input, suite: 4);
        key.Prove(input, _proof, _output);
        Assert.Equal(theirProof, _proof);
        Assert.Equal(theirOutput, _output);
    }

    [Fact]
    public void Elligator_2_maps_field_elements_at_the_limits_as_the_independent_implementation_does()
    {
        BigInteger p = BigInteger.Pow(2, 255) - 19;
        for (int i = 0; i < 20; i++)
        {
            foreach (BigInteger u in new[] { i, p - i })
            {
                EdwardsPoint point = Elligator2.Map(FieldElement.Decode(ReferenceEcvrf.Bytes(u)));
                Assert.Equal(Convert.ToHexStringLower(ReferenceEcvrf.Encode(ReferenceEcvrf.Elligator2(u))), Hex(point));
            }
        }

        Assert.True(Elligator2.Map(FieldElement.Zero).IsIdentity);
    }

    [Fact]
    public void A_proof_of_one_suite_does_not_verify_in_the_other()
    {
        byte[] seed = DsaKeys.Bytes(7, Ecvrf.SeedBytes), proof = new byte[Ecvrf.ProofBytes], output = new byte[Ecvrf.OutputBytes];
        using EcvrfPrivateKey other = EcvrfPrivateKey.ImportSeed(seed);
        _key.Prove([1, 2, 3], _proof, _output);
        other.Prove([1, 2, 3], proof, output);
        Assert.Equal(EcvrfSuite.TryAndIncrement, other.PublicKey.Suite);
        Assert.Equal(EcvrfSuite.Elligator2, _key.PublicKey.Suite);
        Assert.Equal(_key.PublicKey.Encoded.ToArray(), other.PublicKey.Encoded.ToArray());
        Assert.NotEqual(_output, output);
        Assert.False(other.PublicKey.TryVerify([1, 2, 3], _proof, output));
        Assert.Equal(new byte[Ecvrf.OutputBytes], output);
        Assert.False(_key.PublicKey.TryVerify([1, 2, 3], proof, output));
        Assert.Equal(new byte[Ecvrf.OutputBytes], output);
        Assert.True(_key.PublicKey.TryVerify([1, 2, 3], _proof, output));
        Assert.Equal(_output, output);
    }

    [Fact]
    public void A_proof_of_Elligator_2_with_any_changed_bit_or_another_input_is_refused()
    {
        _key.Prove([1, 2, 3], _proof, _output);
        for (int bit = 0; bit < 8 * _proof.Length; bit++)
        {
            _proof[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_key.PublicKey.TryVerify([1, 2, 3], _proof, _output), $"bit {bit}");
            _proof[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.False(_key.PublicKey.TryVerify([1, 2, 4], _proof, _output));
        Assert.True(_key.PublicKey.TryVerify([1, 2, 3], _proof, _output));
    }

    [Fact]
    public void An_unknown_suite_is_an_error_and_errors_name_the_suite_of_the_key()
    {
        const EcvrfSuite Unknown = (EcvrfSuite)2;
        byte[] encoded = _key.PublicKey.Encoded.ToArray();
        Assert.Throws<ArgumentOutOfRangeException>(() => EcvrfPrivateKey.Generate(Unknown));
        Assert.Throws<ArgumentOutOfRangeException>(() => EcvrfPrivateKey.ImportSeed(new byte[Ecvrf.SeedBytes], Unknown));
        Assert.Throws<ArgumentOutOfRangeException>(() => EcvrfPublicKey.Import(encoded, Unknown));
        Assert.Contains(
            "ECVRF-EDWARDS25519-SHA512-ELL2 public key",
            Assert.Throws<EstreamInvalidKeyException>(() => EcvrfPublicKey.Import([1], EcvrfSuite.Elligator2)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "ECVRF-EDWARDS25519-SHA512-ELL2 seed",
            Assert.Throws<EstreamInvalidKeyException>(() => EcvrfPrivateKey.ImportSeed([1], EcvrfSuite.Elligator2)).Message,
            StringComparison.Ordinal);
    }

    private static string Hex(in EdwardsPoint point)
    {
        byte[] encoded = new byte[32];
        point.Encode(encoded);
        return Convert.ToHexStringLower(encoded);
    }

    // The encoding of RFC 8032 of a point whose coordinates are written with the highest digit first.
    private static string Encoded(string x, string y)
    {
        byte[] encoded = [.. Convert.FromHexString(y).Reverse()];
        encoded[31] |= (byte)(Convert.FromHexString(x)[31] << 7);
        return Convert.ToHexStringLower(encoded);
    }
}
