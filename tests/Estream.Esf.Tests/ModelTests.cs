using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>The reader keeps everything that a schema declares, including properties that do not affect the bytes of messages.</summary>
public sealed class ModelTests
{
    [Fact]
    public void Reader_keeps_traits_and_privacy()
    {
        const string Yaml = """
            version: "1.0"
            namespace: estream.carbon
            schemas:
              CarbonCredit:
                description: "Verified carbon credit"
                lattice: estream.carbon.credit
                path: /carbon/credits/{credit_id}
                fields:
                  credit_id: { type: bytes32, description: "The id" }
                  owner:
                    type: bytes32
                    privacy:
                      default_level: encrypted
                      audiences:
                        - audience: auditor
                          level: public
                  minter: { type: bytes32, privacy: encrypted }
                retention:
                  duration_hours: 36
            """;
        MessageSchema schema = SchemaReader.Read(Yaml, "x").Document!.Schemas[0];
        SchemaTraits traits = schema.Traits;
        Assert.Equal(
            ("Verified carbon credit", "estream.carbon.credit", "/carbon/credits/{credit_id}", TimeSpan.FromHours(36)),
            (traits.Description, traits.Lattice, traits.Path, traits.Retention!.Value));
        PrivacyRule owner = schema.Record.Fields[1].Privacy;
        AudienceGrant grant = Assert.Single(owner.Audiences);
        Assert.Equal((PrivacyLevel.Encrypted, "auditor", PrivacyLevel.Public), (owner.DefaultLevel, grant.Audience, grant.Level));
        Assert.Equal((PrivacyLevel.Public, "The id"), (schema.Record.Fields[0].Privacy.DefaultLevel, schema.Record.Fields[0].Description));
        Assert.Equal(PrivacyLevel.Encrypted, schema.Record.Fields[2].Privacy.DefaultLevel);
        Assert.Equal(new SourcePosition(9, 7), schema.Record.Fields[0].Position);
    }

    [Theory]
    [InlineData("event", StreamPattern.Event)]
    [InlineData("state", StreamPattern.State)]
    [InlineData("signal", StreamPattern.Signal)]
    [InlineData("curated", StreamPattern.Curated)]
    [InlineData("log", StreamPattern.Log)]
    [InlineData("media", StreamPattern.Media)]
    [InlineData("transaction", StreamPattern.Transaction)]
    [InlineData("mpc_session", StreamPattern.MpcSession)]
    public void Pattern_is_kept_and_does_not_change_the_canonical_text(string name, StreamPattern pattern)
    {
        const string Yaml = "version: \"1.0\"\nnamespace: a.b\nschemas:\n  S:\n    fields: { a: { type: u8 } }\n";
        MessageSchema without = SchemaReader.Read(Yaml, "x").Document!.Schemas[0];
        MessageSchema with = SchemaReader.Read(Yaml + $"    pattern: {name}\n", "x").Document!.Schemas[0];
        Assert.Null(without.Traits.Pattern);
        Assert.Equal(pattern, with.Traits.Pattern);
        Assert.Equal(without.CanonicalText, with.CanonicalText);
        Assert.Equal(pattern, EsfSchema.FromCanonicalText(with.CanonicalText, with.Traits).Pattern);
    }

    [Fact]
    public void BuiltIn_has_the_schemas_of_the_specification()
    {
        string[] names = [.. EsfSchemaSet.BuiltIn.Schemas.Select(schema => schema.QualifiedName).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "estream.iot.IoTAlert", "estream.iot.IoTCommand", "estream.iot.IoTTelemetry", "estream.system.AlertRecord",
                "estream.system.AuditRecord",
                "estream.system.DeadLetter",
                "estream.system.TimerTick",
                "estream.trading.EStreamFill", "estream.trading.EStreamMarketData", "estream.trading.EStreamOrder",
                "estream.trading.EStreamQuote",
            ],
            names);
        Assert.Equal(TimeSpan.FromDays(90), Schemas.Telemetry.Definition.Traits.Retention);
        Assert.Equal(PrivacyLevel.Encrypted, Schemas.BuiltIn("EStreamOrder").Definition.Record.Fields[^1].Privacy.DefaultLevel);
    }
}
