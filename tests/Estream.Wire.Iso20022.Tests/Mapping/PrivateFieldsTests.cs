using System.Buffers;
using System.Text;
using Estream.Crypto;
using Estream.Esf;

namespace Estream.Wire.Iso20022.Tests.Mapping;

/// <summary>Parties and accounts are private: translated messages can be sealed, sealed messages are not sent, and refusals contain no
/// value.</summary>
public sealed class PrivateFieldsTests
{
    private const string Secret = "MARKER";

    private readonly EsfSchema _schema = PaymentsPack.Schema("Pacs008CreditTransfer");
    private readonly Iso20022Translator _translator = new(PaymentsPack.Schemas);

    [Fact]
    public void A_sealed_message_is_not_sent_and_a_decrypted_one_is()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("payment_agent", key.PublicKey).With("auditor", key.PublicKey)
            .With("regulator", key.PublicKey);
        using EsfSealer sealer = new(_schema, keys);
        using EsfKeyRing ring = new(key);
        using EsfUnsealer unsealer = new(_schema, ring);
        byte[] clear = Example();
        byte[] room = new byte[sealer.MaxSealedLength(clear.Length)];
        Assert.True(sealer.Seal(clear, room, out int length).IsOk);

        ArrayBufferWriter<byte> xml = new();
        TranslateStatus status = _translator.ToXml(_schema, room.AsSpan(0, length), xml);

        Assert.Equal((TranslateCode.Unfit, "debtor is withheld", 0), (status.Code, status.Describe(default), xml.WrittenCount));
        Assert.True(unsealer.Open(room.AsSpan(0, length), out ReadOnlySpan<byte> opened, out int withheld).IsOk);
        Assert.Equal(0, withheld);
        Assert.True(_translator.ToXml(_schema, opened, xml).IsOk);
        Assert.Contains("<Nm>Ana Pérez</Nm>", Encoding.UTF8.GetString(xml.WrittenSpan), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"name\":\"Ana Pérez\"", "\"name\":\"" + Secret + "\\u0001\"")]
    [InlineData("\"iban\":\"ES9121000418450200051332\"", "\"iban\":\"" + Secret + "\"")]
    [InlineData("\"bic\":\"CAIXESBB\"", "\"bic\":\"" + Secret + "\"")]
    [InlineData("\"created_at\":\"2026-11-20T10:00:00Z\"", "\"created_at\":\"" + Secret + "\"")]
    [InlineData("\"message_definition\":\"pacs.008.001.08\"", "\"message_definition\":\"" + Secret + "\"")]
    public void The_refusal_of_an_unsendable_message_has_no_values(string old, string changed)
    {
        string json = PaymentsPack.Example("Pacs008CreditTransfer");
        Assert.Contains(old, json, StringComparison.Ordinal);
        byte[] message = Encode(json.Replace(old, changed, StringComparison.Ordinal));
        ArrayBufferWriter<byte> xml = new();

        TranslateStatus status = _translator.ToXml(_schema, message, xml);

        Assert.False(status.IsOk);
        Assert.Equal(0, xml.WrittenCount);
        Assert.DoesNotContain(Secret, status.Describe(default), StringComparison.Ordinal);
    }

    private byte[] Example() => Encode(PaymentsPack.Example("Pacs008CreditTransfer"));

    private byte[] Encode(string json)
    {
        byte[] message = new byte[16_384];
        EsfStatus status = EsfJson.TryEncode(_schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }
}
