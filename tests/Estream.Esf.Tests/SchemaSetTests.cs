using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>Finding schemas by name and id, and errors of files that cannot be used.</summary>
public sealed class SchemaSetTests
{
    private const string Reading = "version: \"1.0\"\nnamespace: acme.iot\nschemas: { IoTTelemetry: { fields: { v: { type: u8 } } } }\n";

    [Fact]
    public void TryGet_finds_a_schema_by_name_id_and_message()
    {
        EsfSchemaSet set = EsfSchemaSet.BuiltIn;
        byte[] message = Schemas.Encode(Schemas.Telemetry, """{"device_id":"d","timestamp":1,"metric_name":"m","value":1}""");
        Assert.True(set.TryGet("IoTTelemetry", out EsfSchema? byName));
        Assert.True(set.TryGet("estream.iot.IoTTelemetry", out EsfSchema? byQualifiedName));
        Assert.True(set.TryGet(message, out EsfSchema? byMessage));
        Assert.True(set.TryGet(byName.Id, out EsfSchema? byId));
        Assert.True(byName == byQualifiedName && byName == byMessage && byName == byId);
        Assert.False(set.TryGet("Telemetry", out _));
        Assert.False(set.TryGet(12345, out _));
        Assert.False(set.TryGet(message.AsSpan(0, 15), out _));
    }

    [Fact]
    public void TryGet_requires_the_namespace_for_an_ambiguous_name()
    {
        EsfSchemaSet set = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse(new EsfSchemaFile("acme.esf.yaml", Reading)));
        Assert.False(set.TryGet("IoTTelemetry", out _));
        Assert.True(set.TryGet("acme.iot.IoTTelemetry", out _));
        Assert.True(set.TryGet("IoTAlert", out _));
        Assert.Contains(set.Files, file => file.Name == "acme.esf.yaml");
    }

    [Fact]
    public void TryGet_finds_the_schema_of_a_message_of_another_version()
    {
        foreach (int writtenBy in new[] { 0, 1 })
        {
            byte[] message = Schemas.Encode(Schemas.Doors[writtenBy], Schemas.DoorsJson[writtenBy]);
            EsfSchemaSet set =
                EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse(new EsfSchemaFile("doors.esf.yaml", Schemas.DoorsText[1 - writtenBy])));
            Assert.True(set.TryGet(message, out EsfSchema? schema));
            Assert.Equal(Schemas.Doors[1 - writtenBy].Id, schema.Id);
            Assert.False(EsfSchemaSet.BuiltIn.TryGet(message, out _));
        }
    }

    [Fact]
    public void TryGet_finds_only_the_exact_version_for_a_shared_name_id()
    {
        EsfSchema[] namesakes = [.. new[] { "N102787", "N107423" }.Select(name => NamesOf(name).Schemas[0])];
        Assert.Equal(namesakes[0].Definition.NameId, namesakes[1].Definition.NameId);
        byte[] message = Schemas.Encode(namesakes[0], "{\"v\":1}");
        EsfSchemaSet both = NamesOf("N102787").With(NamesOf("N107423"));
        Assert.True(both.TryGet(message, out EsfSchema? schema));
        Assert.Equal("test.names.N102787", schema.QualifiedName);
        message[0] ^= 1;
        Assert.True(NamesOf("N107423").TryGet(message, out _));
        Assert.False(both.TryGet(message, out _));
    }

    [Fact]
    public void With_throws_when_a_name_has_two_definitions()
    {
        EsfSchemaSet other =
            EsfSchemaSet.Parse(new EsfSchemaFile("a", Reading.Replace("acme.iot", "estream.iot", StringComparison.Ordinal)));
        EsfSchemaException e = Assert.Throws<EsfSchemaException>(() => EsfSchemaSet.BuiltIn.With(other));
        Assert.Contains("estream.iot.IoTTelemetry is defined twice", e.Message, StringComparison.Ordinal);
        Assert.Equal(EsfSchemaSet.BuiltIn.Schemas.Count, EsfSchemaSet.BuiltIn.With(EsfSchemaSet.BuiltIn).Schemas.Count);
    }

    /// <summary>Returns a set with one schema of the given name. Two of the names used in these tests have the same 32-bit hash.</summary>
    private static EsfSchemaSet NamesOf(string name) => EsfSchemaSet.Parse(
        new EsfSchemaFile(name, "version: \"1.0\"\nnamespace: test.names\nschemas: { " + name + ": { fields: { v: { type: u8 } } } }\n"));

    [Fact]
    public void Load_lists_every_error_of_every_file()
    {
        using TempDirectory directory = new();
        string good = System.IO.Path.Combine(directory.Path, "good.esf.yaml");
        string bad = System.IO.Path.Combine(directory.Path, "bad.esf.yaml");
        File.WriteAllText(good, Reading);
        File.WriteAllText(bad, Reading.Replace("u8", "u9", StringComparison.Ordinal).Replace("acme.iot", "Acme", StringComparison.Ordinal));
        EsfSchemaException e = Assert.Throws<EsfSchemaException>(() => EsfSchemaSet.Load(good, bad));
        Assert.Equal([(bad, 2), (bad, 3)], e.Diagnostics.Select(d => (d.File, d.Position.Line)));
        Assert.Contains("bad.esf.yaml(3,49): error ESF009", e.Message, StringComparison.Ordinal);
        Assert.Single(EsfSchemaSet.Load(good).Schemas);
    }

    [Fact]
    public void Load_names_a_missing_file()
    {
        EsfSchemaException e = Assert.Throws<EsfSchemaException>(() => EsfSchemaSet.Load("/nowhere/x.esf.yaml"));
        Assert.Contains("/nowhere/x.esf.yaml", e.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<IOException>(e.InnerException);
    }
}
