using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Testing;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Tests.Configuration;

public sealed class SchemaLookupTests
{
    private readonly SchemaLookup _builtIn = new(EsfSchemaSet.BuiltIn);

    [Theory]
    [InlineData("device_id", null)]
    [InlineData("timestamp", null)]
    [InlineData("metric_name", "can be longer than 64 bytes")]
    [InlineData("value", "has no text form")]
    [InlineData("location", "has no text form")]
    [InlineData("quality", "the field is optional")]
    public void A_key_must_be_a_required_field_of_limited_size(string field, string? expected)
    {
        string? reason = _builtIn.WhyNotKey("IoTTelemetry", field);

        if (expected is null)
        {
            Assert.Null(reason);
        }
        else
        {
            Assert.Contains(expected, reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("event", null)]
    [InlineData("state", null)]
    [InlineData("curated", null)]
    [InlineData("log", null)]
    [InlineData("signal", "Signal")]
    [InlineData("media", "Media")]
    [InlineData("transaction", "Transaction")]
    [InlineData("mpc_session", "MpcSession")]
    public void Some_schema_patterns_cannot_be_stored_directly_in_queues(string pattern, string? expected)
    {
        using TempDirectory directory = new();
        string file = directory.Combine("meters.esf.yaml");
        File.WriteAllText(file,
            Process.HostFiles.MeterSchema.Replace("    fields:", $"    pattern: {pattern}\n    fields:", StringComparison.Ordinal));
        Assert.Equal(
            expected is null
                ? null
                : $"is \"MeterReading\", whose pattern {expected} does not allow its messages to be stored in a queue directly. Name "
                    + "another schema, or change 'pattern' in its file.",
            new SchemaLookup(EsfSchemaSet.Load(file)).WhyNotInQueues("MeterReading"));
        Assert.Null(_builtIn.WhyNotInQueues("IoTTelemetry"));
        Assert.Null(_builtIn.WhyNotInQueues("NotThere"));
    }

    [Theory]
    [InlineData("meters.yaml", "must end in .esf.yaml")]
    [InlineData("other/meters.esf.yaml", "has the same file name")]
    public void A_schema_file_that_cannot_be_copied_beside_the_data_is_rejected(string second, string expected)
    {
        using TempDirectory directory = new();
        string[] files = [directory.Combine("meters.esf.yaml"), directory.Combine(second.Split('/'))];
        Directory.CreateDirectory(directory.Combine("other"));
        Array.ForEach(files,
            file => File.WriteAllText(file,
                Process.HostFiles.MeterSchema.Replace("MeterReading", $"Meter{file.Length}", StringComparison.Ordinal)));
        SettingErrors errors = new();

        SchemaLookup.Load(
            new ConfigurationBuilder().AddInMemoryCollection([new("Estream:Schemas:0", files[0]), new("Estream:Schemas:1", files[1])])
                .Build(), errors);

        SettingError error = Assert.Single(errors.Items);
        Assert.Equal("Estream:Schemas:1", error.Path);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schemas_from_files_are_added_to_the_built_in_ones()
    {
        using TempDirectory directory = new();
        string good = directory.Combine("good.esf.yaml");
        File.WriteAllText(good, """
            version: "1.0"
            namespace: plant.meters
            schemas:
              MeterReading:
                description: "A reading"
                lattice: plant.meters.reading
                fields:
                  meter: { type: string(32) }
                  kwh: { type: f64 }
            """);
        SettingErrors errors = new();

        SchemaLookup schemas = SchemaLookup.Load(Listing(good), errors);

        Assert.Empty(errors.Items);
        Assert.Equal(["meter", "kwh"], schemas.FieldsOf("MeterReading"));
        Assert.NotNull(schemas.FieldsOf("IoTTelemetry"));
    }

    [Fact]
    public void An_error_in_a_schema_file_is_reported_under_its_key()
    {
        using TempDirectory directory = new();
        string bad = directory.Combine("bad.esf.yaml");
        File.WriteAllText(bad, "version: \"1.0\"\nnamespace: plant\nschemas:\n  Reading:\n    fields:\n      kwh: { type: float }\n");
        SettingErrors errors = new();

        SchemaLookup schemas = SchemaLookup.Load(Listing(bad, directory.Combine("missing.esf.yaml")), errors);

        Assert.Equal(["Estream:Schemas:0", "Estream:Schemas:1"], errors.Items.Select(e => e.Path));
        Assert.Contains("bad.esf.yaml(6,", errors.Items[0].Message, StringComparison.Ordinal);
        Assert.Contains("missing.esf.yaml", errors.Items[1].Message, StringComparison.Ordinal);
        Assert.NotNull(schemas.FieldsOf("IoTTelemetry"));
    }

    private static IConfiguration Listing(params string[] files) => new ConfigurationBuilder()
        .AddInMemoryCollection(files.Select((file, i) => KeyValuePair.Create($"Estream:Schemas:{i}", (string?)file)))
        .Build();
}
