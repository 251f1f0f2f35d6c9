using System.Net;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests;

public class FactoryTests
{
    [Fact]
    public async Task Endpoint_of_the_documentation_is_created_from_its_settings()
    {
        using TestQueues queues = new();
        await using IWireAdapter adapter = Registry().Create(queues.Context, Settings(
            ("Type", "mqtt-endpoint"), ("Address", "127.0.0.1"), ("Port", "0"),
            ("Mappings:0:Topic", "devices/{device_id}/telemetry"), ("Mappings:0:Payload", "json"),
            ("Mappings:0:Schema", "IoTTelemetry"), ("Mappings:0:Queue", "telemetry")));

        await adapter.StartAsync(CancellationToken.None);

        Assert.Equal("mqtt-endpoint", adapter.Descriptor.Type);
        Assert.Equal("estream.iot.IoTTelemetry", Assert.Single(adapter.Schemas.Produced).QualifiedName);
        Assert.Equal(IPAddress.Loopback, ((MqttEndpoint)adapter).LocalEndPoint!.Address);
        byte[] message = new byte[512];
        TranslateStatus status = adapter.TranslateIngress(
            new WireMessage("devices/a/telemetry"u8, """{"timestamp":1,"metric_name":"m","value":1}"""u8), message, out int length);
        Assert.True(status.IsOk);
        Assert.InRange(length, 16, 512);
        Assert.Equal(TranslateCode.NotMapped, adapter.TranslateIngress(new WireMessage("x"u8, "{}"u8), message, out _).Code);
        Assert.Equal(EmitCode.Unsupported, (await adapter.Emit(new EgressMessage(), CancellationToken.None)).Code);
    }

    [Theory]
    [InlineData("Address", "0.0.0.0", "PasswordFile is required")]
    [InlineData("Address", "::", "PasswordFile is required")]
    [InlineData("Address", "everywhere", "write an IP address")]
    [InlineData("Port", "70000", "from 0 to 65535")]
    [InlineData("ReceiveMaximum", "0", "from 1 to 65535")]
    [InlineData("Prot", "1883", "is not a setting")]
    [InlineData("Mappings:0:Schema", "Nonsense", "estream.iot.IoTTelemetry")]
    [InlineData("Mappings:0:Queue", "nowhere", "the queues are: telemetry")]
    [InlineData("Mappings:0:Topic", "a/{nobody}", "no field 'nobody'")]
    [InlineData("Mappings:0:Payload", "xml", "json or raw")]
    [InlineData("Mappings:0:Field", "value", "applies to raw payloads only")]
    [InlineData("Tls:KeyFile", "x", "is required")]
    [InlineData("RelayBytes", "1000", "from 1048576 to 2147483647")]
    [InlineData("MaxBehindBytes", "0", "from 65536")]
    [InlineData("MaxInflight", "0", "from 1 to 65535")]
    [InlineData("MaxSubscriptionsPerSession", "0", "from 1 to 100000")]
    [InlineData("MaxSubscriptions", "0", "from 1 to 100000000")]
    [InlineData("MaxFilterLevels", "2000", "from 1 to 1024")]
    [InlineData("MaxGroups", "0", "from 1 to 1000000")]
    [InlineData("MaxGroupMembers", "0", "from 1 to 100000")]
    [InlineData("MaxRetained", "0", "from 1 to 10000000")]
    [InlineData("MaxRetainedBytes", "0", "from 65536")]
    [InlineData("Egress:0:Queue", "telemetry", "is required")]
    public void Invalid_setting_is_reported_with_its_key_and_the_valid_values(string key, string value, string reason)
    {
        using TestQueues queues = new();
        Dictionary<string, string?> settings = new()
        {
            ["Type"] = "mqtt-endpoint",
            ["Mappings:0:Topic"] = "devices/{device_id}/telemetry",
            ["Mappings:0:Schema"] = "IoTTelemetry",
            ["Mappings:0:Queue"] = "telemetry",
            [key] = value,
        };

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => Registry().Create(queues.Context, new WireSettings("Estream:Adapters:devices", settings)));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith($"Estream:Adapters:devices:{key.Split(':')[0]}", failure.Key, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RelayBytes", "1048576", "AclFile", "rules", "from 6291456")]
    [InlineData("Egress:0:Topic", "a", "Egress:1:Topic", "b", "without an AclFile no client may subscribe")]
    [InlineData("Egress:0:Topic", "a", "AclFile", "rules", "Egress:0:Qos")]
    public void Conflicting_settings_are_reported(string key, string value, string otherKey, string otherValue, string reason)
    {
        using TestQueues queues = new();
        Dictionary<string, string?> settings = new() { ["Type"] = "mqtt-endpoint", [key] = value, [otherKey] = otherValue };
        foreach (string egress in settings.Keys.Where(name => name.StartsWith("Egress:", StringComparison.Ordinal))
            .Select(name => name[..9]).ToArray())
        {
            settings[egress + "Schema"] = "IoTTelemetry";
            settings[egress + "Queue"] = "telemetry";
            settings[egress + "Qos"] = settings.ContainsKey("AclFile") ? "3" : "2";
        }

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => Registry().Create(queues.Context, new WireSettings("Estream:Adapters:devices", settings)));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnsafeAllowAnonymous_allows_an_address_beyond_loopback()
    {
        using TestQueues queues = new();
        await using IWireAdapter adapter = Registry().Create(
            queues.Context, Settings(("Type", "mqtt-endpoint"), ("Address", "0.0.0.0"), ("Port", "0"), ("UnsafeAllowAnonymous", "true")));

        await adapter.StartAsync(CancellationToken.None);

        Assert.Equal(IPAddress.Any, ((MqttEndpoint)adapter).LocalEndPoint!.Address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Passwords_over_plain_text_require_AllowPlaintext(bool isAllowed)
    {
        using TempDirectory folder = new();
        SecretFiles.Write(folder.Combine("passwords"), MqttPasswordFile.CreateLine("ann", "secret"));
        using TestQueues queues = new();
        WireSettings settings = Settings(
            ("Type", "mqtt-endpoint"), ("Address", "0.0.0.0"), ("Port", "0"), ("PasswordFile", folder.Combine("passwords")),
            ("AllowPlaintext", $"{isAllowed}"));

        if (isAllowed)
        {
            await using IWireAdapter adapter = Registry().Create(queues.Context, settings);
            await adapter.StartAsync(CancellationToken.None);
        }
        else
        {
            WireConfigurationException refused =
                Assert.Throws<WireConfigurationException>(() => Registry().Create(queues.Context, settings));
            Assert.Contains("in plain text", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Error_names_a_port_in_use()
    {
        await using TestEndpoint first = await TestEndpoint.StartAsync();
        using TestQueues queues = new();
        await using IWireAdapter second = Registry().Create(queues.Context, Settings(("Type", "mqtt-endpoint"), ("Port", $"{first.Port}")));

        WireConnectionException failure =
            await Assert.ThrowsAsync<WireConnectionException>(() => second.StartAsync(CancellationToken.None));

        Assert.Contains($"127.0.0.1:{first.Port}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(HealthState.Unhealthy, second.Health.State);
    }

    [Fact]
    public async Task Client_is_created_from_its_settings()
    {
        using TestQueues queues = new();
        await using IWireAdapter adapter = Registry().Create(queues.Context, Settings(
            ("Type", "mqtt-client"), ("Broker:Host", "broker.example"), ("Broker:Port", "8883"), ("Broker:Tls:CaFile", "ca.pem"),
            ("Broker:UserName", "u"), ("Broker:PasswordEnv", "P"), ("ClientId", "plant-1"), ("Reconnect:InitialMs", "5"),
            ("Reconnect:MaxMs", "50"),
            ("Subscriptions:0:Filter", "devices/+/telemetry"), ("Subscriptions:0:Qos", "2"),
            ("Egress:0:Queue", "telemetry"), ("Egress:0:Schema", "IoTCommand"), ("Egress:0:Topic", "devices/{device_id}/commands"),
            ("Egress:0:Qos", "1"),
            ("Mappings:0:Topic", "devices/{device_id}/telemetry"), ("Mappings:0:Schema", "IoTTelemetry"),
            ("Mappings:0:Queue", "telemetry")));

        Assert.Equal("mqtt-client", adapter.Descriptor.Type);
        Assert.True(adapter.Descriptor.IsBidirectional);
        Assert.Equal("IoTCommand", Assert.Single(adapter.Schemas.Consumed).Name);
        Assert.Equal(HealthState.Unhealthy, adapter.Health.State);
    }

    [Theory]
    [InlineData("Broker:Host", null, "is required")]
    [InlineData("Broker:PasswordEnv", "P", "Remove one of them")]
    [InlineData("Subscriptions:0:Filter", "a/#/b", "not a valid topic filter")]
    [InlineData("Subscriptions:0:Qos", "3", "from 0 to 2")]
    [InlineData("Reconnect:MaxMs", "1", "at least InitialMs")]
    [InlineData("Will:Topic", "a/#", "is not a valid topic")]
    [InlineData("Subscriptions:0:RetainHandling", "sometimes", "always or if-new or never")]
    [InlineData("Egress:0:Topic", "a/#", "wildcard")]
    [InlineData("Broker:Tls:PinnedCertificateSha256", "12:34", "64 hexadecimal digits")]
    public void Invalid_client_setting_is_reported(string key, string? value, string reason)
    {
        using TestQueues queues = new();
        Dictionary<string, string?> settings = new()
        {
            ["Type"] = "mqtt-client",
            ["Broker:Host"] = "localhost",
            ["Broker:PasswordFile"] = "p",
            ["Reconnect:InitialMs"] = "10",
            ["Subscriptions:0:Filter"] = "a/#",
            ["Egress:0:Queue"] = "telemetry",
            ["Egress:0:Schema"] = "IoTTelemetry",
            ["Egress:0:Topic"] = "a/{device_id}",
            [key] = value,
        };

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => Registry().Create(queues.Context, new WireSettings("Estream:Adapters:plant", settings)));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    private static AdapterRegistry Registry()
    {
        return new AdapterRegistry().Register(new MqttEndpointFactory()).Register(new MqttClientFactory());
    }

    private static WireSettings Settings(params (string Key, string? Value)[] values)
    {
        return new WireSettings("Estream:Adapters:x", values.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value)));
    }
}
