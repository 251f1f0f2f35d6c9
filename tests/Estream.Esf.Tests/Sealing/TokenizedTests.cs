using System.Buffers;
using System.Text;
using Estream.Esf.Tests.Generation;

namespace Estream.Esf.Tests.Sealing;

/// <summary>Fields with card numbers: stored messages have tokens instead.</summary>
public sealed class TokenizedTests
{
    private const string Card = "4111111111111111";
    private const string Other = "5555555555554444";

    private static readonly EsfSchema s_schema = Schemas.One("""
        Payment:
          fields:
            id: { type: u32 }
            card: { type: string(19), privacy: tokenized }
            holder: { type: object, optional: true, privacy: encrypted, fields: { name: { type: string }, card: { type: string, optional: true, privacy: tokenized } } }
            parts: { type: array(object), optional: true, fields: { card: { type: string(19), privacy: tokenized } } }
        """);

    private static readonly string s_json =
        $$$"""{"id":1,"card":"{{{Card}}}","holder":{"name":"Clara","card":"{{{Other}}}"},"parts":[{"card":"{{{Card}}}"},{"card":"{{{Other}}}"}]}""";

    private readonly FakeVault _vault = new();

    [Theory]
    [InlineData("4111111111111111", true, false)]
    [InlineData("378282246310005", true, false)]
    [InlineData("4222222222222", true, false)]
    [InlineData("4111111111111112", false, true)]
    [InlineData("411111111111", false, false)]
    [InlineData("41111111111111111111", false, false)]
    [InlineData("4111 1111 1111 1111", false, false)]
    [InlineData("411111111111111１", false, false)]
    [InlineData("", false, false)]
    public void A_card_number_has_a_correct_check_digit_and_a_token_has_an_incorrect_one(string text, bool isCard, bool isToken)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal((isCard, isToken), (EsfCardNumber.IsCard(bytes), EsfCardNumber.IsTokenShaped(bytes)));
    }

    [Fact]
    public void Seal_replaces_cards_by_tokens_also_inside_private_values()
    {
        byte[] message = Seal(s_json);
        Assert.Equal(-1, message.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Card)));
        string token = FakeVault.TokenOf(Card), other = FakeVault.TokenOf(Other);
        Assert.Equal(
            $$$"""{"id":1,"card":"{{{token}}}","holder":{{{Redaction.Withheld}}},"parts":[{"card":"{{{token}}}"},{"card":"{{{other}}}"}]}""", Schemas.Print(s_schema, message));
        Assert.Equal(
            $$$"""{"id":1,"card":"{{{token}}}","holder":{"name":"Clara","card":"{{{other}}}"},"parts":[{"card":"{{{token}}}"},{"card":"{{{other}}}"}]}""", Open(message, null));
        Assert.Equal(s_json, Open(message, _vault));
        Assert.True(EsfValidator.CheckStored(s_schema, message).IsOk);
    }

    [Fact]
    public void Seal_never_writes_a_card_number_to_the_destination()
    {
        byte[] message = Schemas.Encode(s_schema, s_json);
        byte[] destination = new byte[16 * 1024];
        bool isSeen = false;
        WatchingVault vault = new(_vault,
            () => isSeen |= destination.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Card)) >= 0 || destination.AsSpan()
                .IndexOf(Encoding.UTF8.GetBytes(Other)) >= 0);
        using EsfSealer sealer = new(s_schema, TestKeys.Public, null, vault);
        Assert.True(sealer.Seal(message, destination, out _).IsOk);
        Assert.False(isSeen);
    }

    [Fact]
    public void WriteJson_withholds_a_card_number()
    {
        ArrayBufferWriter<byte> json = new();
        Assert.True(EsfJson.WriteJson(s_schema, Schemas.Encode(s_schema, $$"""{"id":1,"card":"{{Card}}"}"""), json).IsOk);
        Assert.Equal($$"""{"id":1,"card":{{Redaction.Withheld}}}""", Encoding.UTF8.GetString(json.WrittenSpan));
    }

    [Theory]
    [InlineData("4111111111111112", EsfError.NotACard)]
    [InlineData("4111-1111-1111-1111", EsfError.NotACard)]
    [InlineData("", EsfError.NotACard)]
    [InlineData("4000000000020000", EsfError.NoTokenLeft)]
    public void Seal_rejects_a_card_without_token_and_does_not_quote_it(string text, EsfError error)
    {
        using EsfSealer sealer = new(s_schema, TestKeys.Public, null, _vault);
        byte[] destination = new byte[16 * 1024];
        EsfStatus status = sealer.Seal(Schemas.Encode(s_schema, $$"""{"id":1,"card":"{{text}}"}"""), destination, out int written);
        Assert.Equal((error, 0), (status.Error, written));
        Assert.Contains("card", status.ToString(), StringComparison.Ordinal);
        Assert.True(text.Length == 0 || !status.ToString().Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void TakesCard_accepts_card_numbers_and_known_tokens()
    {
        using EsfSealer sealer = new(s_schema, TestKeys.Public, null, _vault);
        byte[] token = Encoding.UTF8.GetBytes(FakeVault.TokenOf(Card));
        Assert.True(sealer.TakesCard(Encoding.UTF8.GetBytes(Card)));
        Assert.False(sealer.TakesCard(token));
        Seal($$"""{"id":1,"card":"{{Card}}"}""");
        Assert.True(sealer.TakesCard(token));
        Assert.False(sealer.TakesCard("see attachment"u8));
        Assert.False(sealer.TakesCard(default));
    }

    [Fact]
    public void Seal_keeps_a_token_of_the_vault()
    {
        byte[] once = Seal($$"""{"id":1,"card":"{{Card}}"}""");
        string token = FakeVault.TokenOf(Card);
        Assert.Equal(once, Seal($$"""{"id":1,"card":"{{token}}"}"""));
    }

    [Fact]
    public void CheckStored_rejects_a_card_number_or_other_text()
    {
        Assert.Equal(EsfError.Untokenized,
            EsfValidator.CheckStored(s_schema, Schemas.Encode(s_schema, $$"""{"id":1,"card":"{{Card}}"}""")).Error);
        Assert.Equal(EsfError.Untokenized,
            EsfValidator.CheckStored(s_schema, Schemas.Encode(s_schema, """{"id":1,"card":"see attachment"}""")).Error);
        Assert.True(EsfValidator.Check(s_schema, Schemas.Encode(s_schema, $$"""{"id":1,"card":"{{Card}}"}""")).IsOk);
    }

    [Fact]
    public void Sealer_requires_a_vault_for_tokenized_fields()
    {
        Assert.Contains("vault", Assert.Throws<ArgumentException>(() => new EsfSealer(s_schema, TestKeys.Public)).Message,
            StringComparison.Ordinal);
        EsfSchema without = Schemas.One("S: { fields: { card: { type: string, privacy: tokenized } } }");
        Assert.True(without is { IsProtected: true, HasPrivateFields: false, HasTokenizedFields: true });
        using EsfSealer sealer = new(without, EsfAudienceKeys.None, null, _vault);
        byte[] message = Schemas.Encode(without, $$"""{"card":"{{Card}}"}""");
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        Assert.True(sealer.Seal(message, destination, out int written).IsOk);
        Assert.Equal($$"""{"card":"{{FakeVault.TokenOf(Card)}}"}""", Schemas.Print(without, destination.AsSpan(0, written)));
    }

    [Theory]
    [InlineData("esf1 test.S{a:u64@tokenized}")]
    [InlineData("esf1 test.S{a:array(string)@tokenized}")]
    [InlineData("esf1 test.S{a:string@tokenized[b=public]}")]
    [InlineData("esf1 test.S{a:string@encrypted[b=tokenized]}")]
    [InlineData("esf1 test.S{a:string@tokenized/x}")]
    public void FromCanonicalText_rejects_invalid_tokenized_fields(string text) =>
        Assert.Throws<FormatException>(() => EsfSchema.FromCanonicalText(text));

    private byte[] Seal(string json)
    {
        using EsfSealer sealer = new(s_schema, TestKeys.Public, null, _vault);
        return sealer.SealOrFail(Schemas.Encode(s_schema, json));
    }

    private static string Open(byte[] message, IEsfTokenVault? vault)
    {
        using EsfKeyRing ring = TestKeys.RingOf("default");
        using EsfUnsealer unsealer = new(s_schema, ring, vault);
        EsfStatus status = unsealer.Open(message, out ReadOnlySpan<byte> opened, out _);
        Assert.True(status.IsOk, status.ToString());
        return Schemas.Print(s_schema, opened);
    }

    private sealed class WatchingVault(IEsfTokenVault vault, Action look) : IEsfTokenVault
    {
        public EsfTokenOutcome Tokenize(ReadOnlySpan<byte> card, Span<byte> token)
        {
            look();
            EsfTokenOutcome outcome = vault.Tokenize(card, token);
            look();
            return outcome;
        }

        public bool TryDetokenize(ReadOnlySpan<byte> token, Span<byte> card) => vault.TryDetokenize(token, card);
    }
}
