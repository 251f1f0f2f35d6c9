using System.Text;
using Estream.Crypto;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Tests.Trust.Dsse;

/// <summary>Envelopes that verify, and similar ones that must not.</summary>
public sealed class DsseEnvelopeTests : IDisposable
{
    private static readonly byte[] s_payload = Encoding.UTF8.GetBytes("""{"hello":"world"}""");

    private readonly DocumentSigner _ada = DocumentSigner.Generate();
    private readonly DocumentSigner _bob = DocumentSigner.Generate();
    private readonly DocumentSigner _both = new(MlDsa87PrivateKey.Generate(), Ed25519PrivateKey.Generate());

    public void Dispose()
    {
        _ada.Dispose();
        _bob.Dispose();
        _both.Dispose();
    }

    [Fact]
    public void Pre_authentication_encoding_matches_the_specification()
    {
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world",
            Encoding.UTF8.GetString(PreAuthEncoding.Of("http://example.com/HelloWorld", "hello world"u8)));
        Assert.Equal("DSSEv1 0  0 ", Encoding.UTF8.GetString(PreAuthEncoding.Of(string.Empty, [])));
        Assert.Equal("DSSEv1 2 é 1 x", Encoding.UTF8.GetString(PreAuthEncoding.Of("é", "x"u8)));
    }

    [Fact]
    public void Signed_envelope_verifies_after_a_round_trip()
    {
        DsseEnvelope envelope = Read(DsseEnvelope.Sign(DocumentType.Release, s_payload, _ada, _bob).ToJson());
        Assert.True(envelope.TryVerify(DocumentType.Release, [_ada.Key, _bob.Key], 2, out ReadOnlyMemory<byte> payload, out string? reason),
            reason);
        Assert.Equal(s_payload, payload.ToArray());
    }

    [Fact]
    public void Signature_covers_the_encoding_and_the_context_of_the_type()
    {
        DsseEnvelope envelope = DsseEnvelope.Sign(DocumentType.Release, s_payload, _ada);
        byte[] encoded = PreAuthEncoding.Of("application/vnd.estream.release.v1+json", s_payload);
        ReadOnlySpan<byte> signature = envelope.Signatures[0].Bytes.Span;
        Assert.True(_ada.Key.MlDsa87.Verify(encoded, "estream-mkt/release/v1"u8, signature));
        Assert.False(_ada.Key.MlDsa87.Verify(encoded, [], signature));
        Assert.False(_ada.Key.MlDsa87.Verify(s_payload, "estream-mkt/release/v1"u8, signature));
    }

    [Fact]
    public void Signature_covers_exact_bytes_received()
    {
        // The same JSON value in other bytes is another document.
        byte[] other = Encoding.UTF8.GetBytes("""{"hello": "world"}""");
        DsseEnvelope signed = DsseEnvelope.Sign(DocumentType.Release, s_payload, _ada);
        string json = Encoding.UTF8.GetString(signed.ToJson())
            .Replace(Convert.ToBase64String(s_payload), Convert.ToBase64String(other), StringComparison.Ordinal);
        Assert.False(Read(Encoding.UTF8.GetBytes(json))
            .TryVerify(DocumentType.Release, [_ada.Key], 1, out ReadOnlyMemory<byte> payload, out string? reason));
        Assert.True(payload.IsEmpty);
        Assert.Contains("0 of the 1", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Payload_type_confusion_rejected()
    {
        byte[] release = DsseEnvelope.Sign(DocumentType.Release, s_payload, _ada).ToJson();
        Assert.False(Read(release).TryVerify(DocumentType.Targets, [_ada.Key], 1, out _, out string? reason));
        Assert.Contains("'application/vnd.estream.targets.v1+json' is expected", reason, StringComparison.Ordinal);
        Assert.Empty(Read(release).SignersAmong(DocumentType.Targets, [_ada.Key]));

        // Relabels the envelope with another payload type. The signature does not cover that type.
        byte[] relabelled =
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(release).Replace("release.v1", "targets.v1", StringComparison.Ordinal));
        Assert.False(Read(relabelled).TryVerify(DocumentType.Targets, [_ada.Key], 1, out _, out _));
    }

    [Theory]
    [InlineData("checkpoint")]
    [InlineData("root")]
    [InlineData("targets")]
    [InlineData("snapshot")]
    [InlineData("timestamp")]
    [InlineData("token")]
    [InlineData("review")]
    [InlineData("approval")]
    public void Domain_separation_rejects_a_release_signature_for_another_type(string other)
    {
        // Signs exactly the same bytes first with the context of a release. Only the FIPS 204 context distinguishes the two signatures.
        DocumentType type = DocumentType.Named(other);
        byte[] encoded = PreAuthEncoding.Of(type.PayloadType, s_payload);
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Sign(encoded, DocumentType.Release.Context, signature);
        string json =
            $$"""{"payloadType":"{{type.PayloadType}}","payload":"{{Convert.ToBase64String(s_payload)}}","signatures":[{"keyid":"{{new DocumentKey(key.PublicKey).MlDsa87Id}}","sig":"{{Convert.ToBase64String(signature)}}"}]}""";
        Assert.False(Read(Encoding.UTF8.GetBytes(json)).TryVerify(type, [new DocumentKey(key.PublicKey)], 1, out _, out _));
        key.Sign(encoded, type.Context, signature);
        json = $$"""{"payloadType":"{{type.PayloadType}}","payload":"{{Convert.ToBase64String(s_payload)}}","signatures":[{"keyid":"{{new DocumentKey(key.PublicKey).MlDsa87Id}}","sig":"{{Convert.ToBase64String(signature)}}"}]}""";
        Assert.True(Read(Encoding.UTF8.GetBytes(json)).TryVerify(type, [new DocumentKey(key.PublicKey)], 1, out _, out _));
    }

    [Fact]
    public void Duplicate_keyid_counts_once()
    {
        DsseEnvelope once = DsseEnvelope.Sign(DocumentType.Root, s_payload, _ada);
        DsseEnvelope again = DsseEnvelope.Sign(DocumentType.Root, s_payload, _ada);
        byte[] twice = Join(once, again, (_, id) => id);
        Assert.Equal(2, Read(twice).Signatures.Count);
        Assert.False(Read(twice).TryVerify(DocumentType.Root, [_ada.Key, _bob.Key], 2, out _, out string? reason));
        Assert.Contains("1 of the 2", reason, StringComparison.Ordinal);
        Assert.False(Read(twice).TryVerify(DocumentType.Root, [_ada.Key, _ada.Key], 2, out _, out _));
    }

    [Fact]
    public void Same_key_two_keyids_counts_once()
    {
        // The second signature by the same key claims the id of another trusted key.
        byte[] twice = Join(DsseEnvelope.Sign(DocumentType.Root, s_payload, _ada), DsseEnvelope.Sign(DocumentType.Root, s_payload, _ada),
            (number, id) => number == 0 ? id : _bob.Key.MlDsa87Id);
        Assert.Single(Read(twice).SignersAmong(DocumentType.Root, [_ada.Key, _bob.Key]));

        // One ML-DSA-87 key with two Ed25519 companions has two ids but is one signer.
        using Ed25519PrivateKey first = Ed25519PrivateKey.Generate(), second = Ed25519PrivateKey.Generate();
        using MlDsa87PrivateKey shared = MlDsa87PrivateKey.Generate();
        using DocumentSigner one = new(shared, first), two = new(shared, second);
        Assert.NotEqual(one.Key.Id, two.Key.Id);
        DsseEnvelope envelope = DsseEnvelope.Sign(DocumentType.Root, s_payload, one, two);
        Assert.Single(envelope.SignersAmong(DocumentType.Root, [one.Key, two.Key]));
    }

    [Fact]
    public void Invalid_signature_among_valid_ones_is_ignored()
    {
        DsseEnvelope signed = DsseEnvelope.Sign(DocumentType.Root, s_payload, _ada, _bob);
        byte[] broken = [.. signed.Signatures[0].Bytes.Span];
        broken[100] ^= 1;
        string json = Encoding.UTF8.GetString(signed.ToJson())
            .Replace(Convert.ToBase64String(signed.Signatures[0].Bytes.Span), Convert.ToBase64String(broken), StringComparison.Ordinal);
        DsseEnvelope envelope = Read(Encoding.UTF8.GetBytes(json));
        Assert.True(envelope.TryVerify(DocumentType.Root, [_ada.Key, _bob.Key], 1, out _, out _));
        Assert.False(envelope.TryVerify(DocumentType.Root, [_ada.Key, _bob.Key], 2, out _, out _));
        Assert.Equal([_bob.Key], envelope.SignersAmong(DocumentType.Root, [_ada.Key, _bob.Key]));
    }

    [Fact]
    public void Signature_by_an_untrusted_key_does_not_count()
    {
        DsseEnvelope envelope = DsseEnvelope.Sign(DocumentType.Release, s_payload, _ada);
        Assert.False(envelope.TryVerify(DocumentType.Release, [_bob.Key], 1, out _, out _));
        Assert.False(envelope.TryVerify(DocumentType.Release, [], 1, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => envelope.TryVerify(DocumentType.Release, [_ada.Key], 0, out _, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Key_with_two_algorithms_needs_both_signatures(int dropped)
    {
        DsseEnvelope whole = DsseEnvelope.Sign(DocumentType.Release, s_payload, _both);
        Assert.Equal(2, whole.Signatures.Count);
        Assert.True(whole.TryVerify(DocumentType.Release, [_both.Key], 1, out _, out _));
        DsseSignature left = whole.Signatures[1 - dropped];
        string json =
            $$"""{"payloadType":"{{whole.PayloadType}}","payload":"{{Convert.ToBase64String(s_payload)}}","signatures":[{"keyid":"{{left.KeyId}}","sig":"{{Convert.ToBase64String(left.Bytes.Span)}}"}]}""";
        Assert.False(Read(Encoding.UTF8.GetBytes(json)).TryVerify(DocumentType.Release, [_both.Key], 1, out _, out _));
    }

    [Fact]
    public void Key_id_is_the_sha256_of_the_der_that_openssl_writes()
    {
        byte[] first = _both.Key.MlDsa87.ExportSubjectPublicKeyInfo(), second = _both.Key.Ed25519!.ExportSubjectPublicKeyInfo();
        Assert.Equal(Hash(first), _both.Key.MlDsa87Id);
        Assert.Equal(Hash(second), _both.Key.Ed25519Id);
        Assert.Equal(Hash([.. first, .. second]), _both.Key.Id);
        Assert.Equal(_ada.Key.MlDsa87Id, _ada.Key.Id);
        static string Hash(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
    }

    [Theory]
    [InlineData("{}", "/payloadType: is missing")]
    [InlineData("""{"payloadType":"x","payload":"AA==","signatures":[],"more":1}""", "/more: is unknown")]
    [InlineData("""{"payloadType":"x","payload":"AA==","payload":"AA==","signatures":[]}""", "already")]
    [InlineData("""{"payloadType":"x","payload":"AB==","signatures":[]}""", "/payload: must be")]
    [InlineData("""{"payloadType":"x","payload":"AA==","signatures":[{"keyid":"ab","sig":"AA=="}]}""",
        "/signatures/0/keyid: must be 32 bytes")]
    [InlineData("""{"payloadType":"x","payload":"AA==","signatures":[{"sig":"AA=="}]}""", "/signatures/0/keyid: is missing")]
    [InlineData("""[]""", "/: must be an object")]
    public void Invalid_envelope_is_rejected_with_its_reason(string json, string reason)
    {
        Assert.False(DsseEnvelope.TryRead(Encoding.UTF8.GetBytes(json), 1_000, out DsseEnvelope? envelope, out string? why));
        Assert.Null(envelope);
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Fact]
    public void Size_limits_of_envelopes_are_enforced()
    {
        byte[] json = DsseEnvelope.Sign(DocumentType.Release, s_payload, _ada).ToJson();
        Assert.False(DsseEnvelope.TryRead(json, json.Length - 1, out _, out _));
        Assert.True(DsseEnvelope.TryRead(json, json.Length, out _, out _));
        Assert.Throws<ArgumentException>(() => DsseEnvelope.Sign(DocumentType.Release, new byte[DsseEnvelope.MaxPayloadBytes + 1], _ada));
        string one = $$"""{"keyid":"{{_ada.Key.Id}}","sig":"{{Convert.ToBase64String(new byte[64])}}"}""";
        string Of(int count) => $$"""{"payloadType":"x","payload":"","signatures":[{{string.Join(',', Enumerable.Repeat(one, count))}}]}""";
        Assert.True(DsseEnvelope.TryRead(Encoding.UTF8.GetBytes(Of(64)), 1 << 20, out _, out string? reason), reason);
        Assert.False(DsseEnvelope.TryRead(Encoding.UTF8.GetBytes(Of(65)), 1 << 20, out _, out _));
    }

    [Fact]
    public void Signing_again_replaces_the_signature_and_another_type_is_refused()
    {
        DsseEnvelope envelope = DsseEnvelope.Sign(DocumentType.Root, s_payload, _ada, _bob).With(DocumentType.Root, _ada);
        Assert.Equal([_bob.Key.Id, _ada.Key.Id], envelope.Signatures.Select(signature => signature.KeyId));
        Assert.Equal(2, envelope.SignersAmong(DocumentType.Root, [_ada.Key, _bob.Key]).Count);
        Assert.Throws<ArgumentException>(() => envelope.With(DocumentType.Targets, _ada));
    }

    private static DsseEnvelope Read(byte[] json)
    {
        Assert.True(DsseEnvelope.TryRead(json, 1 << 20, out DsseEnvelope? envelope, out string? reason), reason);
        return envelope!;
    }

    private static byte[] Join(DsseEnvelope first, DsseEnvelope second, Func<int, string, string> name)
    {
        IEnumerable<string> signatures = first.Signatures.Concat(second.Signatures)
            .Select((signature, number) =>
                $$"""{"keyid":"{{name(number, signature.KeyId)}}","sig":"{{Convert.ToBase64String(signature.Bytes.Span)}}"}""");
        return Encoding.UTF8.GetBytes(
            $$"""{"payloadType":"{{first.PayloadType}}","payload":"{{Convert.ToBase64String(first.UnverifiedPayload.Span)}}","signatures":[{{string.Join(',', signatures)}}]}""");
    }
}
