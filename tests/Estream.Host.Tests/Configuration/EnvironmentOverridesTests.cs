using Estream.Host.Configuration;

namespace Estream.Host.Tests.Configuration;

public sealed class EnvironmentOverridesTests
{
    private const string OneEndpoint =
        """{"Estream":{"Data":"a","Http":{"Port":1},"Adapters":{"devices":{"Type":"mqtt-endpoint","Port":2,"Mappings":[{"Topic":"t","Schema":"IoTTelemetry","Queue":"q"}]}},"Queues":{"q":{}}}}""";

    [Fact]
    public void The_environment_variables_override_the_configuration_file()
    {
        using ConfigurationCase one = new ConfigurationCase(OneEndpoint)
            .With("ESTREAM_HTTP_PORT", "81").With("ESTREAM_MQTT_PORT", "82").With("ESTREAM_DATA", "elsewhere/data");

        EstreamSettings settings = one.Settings();

        Assert.Equal(81, settings.Http.Port);
        Assert.Equal("82", settings.Adapters[0].Section["Port"]);
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "elsewhere", "data"), settings.Data);
    }

    [Theory]
    [InlineData("ESTREAM_HTTP_PORT", "Estream:Http:Port (set by ESTREAM_HTTP_PORT) expects a whole number from 0 to 65535, not \"no\".")]
    [InlineData("ESTREAM_MQTT_PORT",
        "Estream:Adapters:devices:Port (set by ESTREAM_MQTT_PORT) expects a whole number from 0 to 65535, not \"no\".")]
    public void An_invalid_value_is_reported_with_its_variable(string variable, string expected)
    {
        using ConfigurationCase one = new ConfigurationCase(OneEndpoint).With(variable, "no");

        Assert.Contains(expected, one.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_variable_is_ignored()
    {
        using ConfigurationCase one = new ConfigurationCase(OneEndpoint).With("ESTREAM_HTTP_PORT", "");

        Assert.Equal(1, one.Settings().Http.Port);
    }

    [Fact]
    public void The_MQTT_port_variable_requires_exactly_one_endpoint()
    {
        using ConfigurationCase none = new ConfigurationCase("""{"Estream":{"Data":"a"}}""").With("ESTREAM_MQTT_PORT", "82");
        using ConfigurationCase two =
            new ConfigurationCase("""{"Estream":{"Adapters":{"a":{"Type":"mqtt-endpoint"},"b":{"Type":"mqtt-endpoint"}}}}""")
            .With("ESTREAM_MQTT_PORT", "82");

        Assert.Empty(none.Settings().Adapters);
        Assert.Contains("ESTREAM_MQTT_PORT is ambiguous: it could apply to any of a, b.", two.Message(), StringComparison.Ordinal);
    }
}
