using System.Security.Cryptography;
using System.Text.Json;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Esf.Tests.Golden;
using Estream.Esf.Tests.Sealing;
using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>The files of the packs: schemas that must not change unnoticed, and an example of each.</summary>
public sealed class PackFileTests
{
    // In the pack, dates, times and instants of FHIR are strings of these lengths.
    private static readonly int?[] s_dateLengths = [10, 18, 35];

    // The YAML blocks of "Domain Schema Packs" in the specification of the marketplace (6.1, 6.2, 6.3), byte for byte.
    [Theory]
    [InlineData("esf-iot/schemas/iot-telemetry.esf.yaml", "53fdcf6393cad7c71941b0c9a9f70cf9ab4630cd307c3f31563b4a25ab270eff")]
    [InlineData("esf-trading/schemas/trading-order.esf.yaml", "9d1a5303589e3a0b94c76804494732e11ca44df95a61ba3be9e5e9ce380c4118")]
    [InlineData("esf-carbon/schemas/carbon-credit.esf.yaml", "16f42f3426b11671a27032d563838028b574470bcb6b3498bb07eb606a3a7242")]
    public void Pack_file_is_byte_identical_to_the_specification(string file, string sha256)
    {
        byte[] bytes = File.ReadAllBytes(RepositoryRoot.Combine(["schemas", .. file.Split('/')]));
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Theory]
    [InlineData("esf-health", "health-in-clear.txt")]
    [InlineData("esf-payments", "payments-in-clear.txt")]
    public void Unencrypted_fields_of_a_private_pack_match_the_golden_file(string pack, string golden)
    {
        IEnumerable<string> paths = InClearOf(pack).Select(field => field.Path);
        GoldenFile.AssertSame(GoldenFile.PathOf("Golden", golden), string.Concat(paths.Select(path => path + "\n")));
    }

    // Fields with these names describe payers, payees and their accounts. The names may be at any position of a field's path.
    [Fact]
    public void Payments_pack_encrypts_every_party_and_account()
    {
        string[] theirs = ["iban", "birth", "other_ids", "country_of_residence", "any_bic", "unstructured", "mandate_id"];
        Assert.DoesNotContain(InClearOf("esf-payments"), field => field.Path.Split('.').Any(name => theirs.Contains(name)));
    }

    [Fact]
    public void Health_pack_encrypts_every_date()
    {
        Assert.DoesNotContain(InClearOf("esf-health"),
            field => field.Type.Kind == EsfTypeKind.Timestamp || s_dateLengths.Contains(field.Type.MaxLength));
    }

    public static TheoryData<string> PackNames() => [.. Schemas.PackFolders.Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(PackNames))]
    public void Pack_has_one_example_per_schema(string pack)
    {
        IEnumerable<string> examples = Directory.GetFiles(RepositoryRoot.Combine("schemas", pack, "examples"))
            .Select(path => Path.GetFileName(path));
        Assert.Equal(Schemas.OfPack(pack).Schemas.Select(schema => schema.Name + ".json").Order(StringComparer.Ordinal),
            examples.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(PackNames))]
    public void Pack_examples_are_valid_and_survive_a_round_trip(string pack)
    {
        foreach (EsfSchema schema in Schemas.OfPack(pack).Schemas)
        {
            string json = File.ReadAllText(RepositoryRoot.Combine("schemas", pack, "examples", schema.Name + ".json"));
            byte[] message = Schemas.Encode(schema, json);
            EsfStatus status = EsfValidator.Check(schema, message);
            Assert.True(status.IsOk, status.ToString());
            AssertSame(json, Schemas.Print(schema, message));
            if (schema.HasPrivateFields)
            {
                AssertComesBackSealed(schema, json, message);
            }
        }
    }

    private static void AssertComesBackSealed(EsfSchema schema, string json, byte[] message)
    {
        using EsfSealer sealer = new(schema, TestKeys.PublicOf(schema));
        byte[] stored = sealer.SealOrFail(message);
        EsfStatus status = EsfValidator.CheckStored(schema, stored);
        Assert.True(status.IsOk, status.ToString());
        Assert.Contains(Redaction.Withheld, Schemas.Print(schema, stored), StringComparison.Ordinal);
        using EsfKeyRing ring = TestKeys.RingOf(schema.Audiences.Audiences);
        AssertSame(json, SealCase.Print(schema, stored, ring));
    }

    private static void AssertSame(string expected, string actual)
    {
        using JsonDocument one = JsonDocument.Parse(expected);
        using JsonDocument other = JsonDocument.Parse(actual);
        Assert.True(JsonElement.DeepEquals(one.RootElement, other.RootElement), actual);
    }

    private static IEnumerable<(string Path, EsfType Type)> InClearOf(string pack) =>
        Schemas.OfPack(pack).Schemas.SelectMany(schema => InClear(schema.Name, schema.Definition.Record));

    private static IEnumerable<(string Path, EsfType Type)> InClear(string path, RecordDefinition record) =>
        record.Fields.Where(field => !field.IsPrivate).SelectMany(field => InClear(path + "." + field.Name, field.Type));

    private static IEnumerable<(string Path, EsfType Type)> InClear(string path, EsfType type) => type.Kind switch
    {
        EsfTypeKind.Object => InClear(path, type.Record!),
        EsfTypeKind.Array => InClear(path, type.Element!),
        _ => [(path, type)],
    };
}
