using Estream.Esf;

namespace Estream.Wire.Tests;

public class WireSettingsTests
{
    [Fact]
    public void Keys_are_case_insensitive()
    {
        WireSettings settings = Settings(("Port", "1884"), ("Tls:CaFile", "ca.pem"), ("On", "True"), ("Kind", "RAW"));

        Assert.Equal(1884, settings.Number("port", 1883, 0, 65535));
        Assert.Equal("ca.pem", settings.Section("tls").Text("cafile"));
        Assert.True(settings.Has("Tls"));
        Assert.True(settings.Flag("On", false));
        Assert.Equal("raw", settings.Choice("Kind", "json", "json", "raw"));
        Assert.Equal(7, settings.Number("Missing", 7, 0, 9));
        Assert.Null(settings.Text("Missing"));
        settings.RefuseUnknown();
    }

    [Fact]
    public void Lists_are_in_the_order_of_their_indexes()
    {
        WireSettings settings = Settings(("M:10:Topic", "k"), ("M:2:Topic", "c"), ("M:0:Topic", "a"));

        Assert.Equal(["a", "c", "k"], settings.List("M").Select(item => item.RequireText("Topic")));
        settings.RefuseUnknown();
    }

    [Theory]
    [InlineData("Port", "99999", "Estream:Adapters:x:Port: '99999' is not accepted; write a whole number from 0 to 65535.")]
    [InlineData("Port", "many", "Estream:Adapters:x:Port: 'many' is not accepted; write a whole number from 0 to 65535.")]
    [InlineData("On", "yes", "Estream:Adapters:x:On: 'yes' is not accepted; write true or false.")]
    [InlineData("Kind", "xml", "Estream:Adapters:x:Kind: 'xml' is not accepted; write json or raw.")]
    [InlineData("Prot", "1", "Estream:Adapters:x:Prot: is not a setting; accepted here: Kind, On, Port.")]
    public void Error_names_the_key_and_the_valid_values(string key, string value, string message)
    {
        WireSettings settings = Settings((key, value));

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(() =>
        {
            settings.Number("Port", 1, 0, 65535);
            settings.Flag("On", false);
            settings.Choice("Kind", "json", "json", "raw");
            settings.RefuseUnknown();
        });

        Assert.Equal(message, failure.Message);
        Assert.Equal($"Estream:Adapters:x:{key}", failure.Key);
    }

    [Fact]
    public void Missing_required_setting_is_reported()
    {
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => Settings(("Broker:Host", "")).Section("Broker").RequireText("Host"));

        Assert.Equal("Estream:Adapters:x:Broker:Host", failure.Key);
    }

    [Fact]
    public void RequireQueue_throws_and_lists_the_queues_when_the_queue_does_not_exist()
    {
        WireSettings settings = Settings(("Known", "b"), ("Other", "c"));

        Assert.Equal("b", settings.RequireQueue("Known", ["b", "a"]));
        Assert.Equal(
            "Estream:Adapters:x:Other: the queue 'c' does not exist; the queues are: a, b.",
            Assert.Throws<WireConfigurationException>(() => settings.RequireQueue("Other", ["b", "a"])).Message);
        Assert.Throws<WireConfigurationException>(() => settings.RequireQueue("Missing", ["b", "a"]));
    }

    [Fact]
    public void RequireSchema_throws_and_lists_the_schemas_when_the_schema_does_not_exist()
    {
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn;
        EsfSchema known = schemas.Schemas[0];
        WireSettings settings = Settings(("Known", known.QualifiedName), ("Other", "nowhere.Else"));

        Assert.Same(known, settings.RequireSchema("Known", schemas));
        Assert.Equal(
            "Estream:Adapters:x:Other: the schema 'nowhere.Else' does not exist; the schemas are: "
            + $"{string.Join(", ", schemas.Schemas.Select(schema => schema.QualifiedName))}.",
            Assert.Throws<WireConfigurationException>(() => settings.RequireSchema("Other", schemas)).Message);
        Assert.Throws<WireConfigurationException>(() => settings.RequireSchema("Missing", schemas));
    }

    private static WireSettings Settings(params (string Key, string? Value)[] values)
    {
        return new WireSettings("Estream:Adapters:x", values.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)));
    }
}
