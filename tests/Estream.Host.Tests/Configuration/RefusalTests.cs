using Estream.Testing;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: the check rejects everything that the start would reject, before anything is created.</summary>
public sealed class RefusalTests
{
    private const string Endpoint = """ "Type":"mqtt-endpoint" """;
    private const string Client = """ "Type":"mqtt-client","Broker":{"Host":"broker"} """;
    private const string Telemetry = """ "Schema":"IoTTelemetry","Queue":"q" """;

    [Theory]
    [InlineData(Endpoint + ""","Address":"0.0.0.0" """,
        "Address 0.0.0.0 is reachable from other machines, so a PasswordFile is required.")]
    [InlineData(Endpoint + ""","PasswordFile":"/nowhere/passwords" """, "PasswordFile /nowhere/passwords cannot be read")]
    [InlineData(Endpoint + ""","Tls":{"CertificateFile":"/nowhere/own.pem"}""", "Tls /nowhere/own.pem does not hold a PEM certificate")]
    [InlineData(Client + ""","Reconnect":{"InitialMs":500,"MaxMs":100}""",
        "Reconnect is not accepted; InitialMs must be at least 1 and MaxMs at least InitialMs.")]
    [InlineData(Client + ""","Subscriptions":[{"Filter":"a/#/b"}]""", "Subscriptions 'a/#/b' is not a valid topic filter")]
    [InlineData(""" "Type":"mqtt-client","Broker":{"Host":"broker","PasswordFile":"p","PasswordEnv":"P"} """,
        "Broker has both PasswordFile and PasswordEnv. Remove one of them.")]
    public void Adapter_specific_settings_are_checked(string adapter, string expected)
    {
        AssertRefused($$"""{{adapter}},"Mappings":[{"Topic":"a/{device_id}",{{Telemetry}}}]""", expected);
    }

    [Theory]
    [InlineData(""" "Topic":"a{b","Payload":"json" """, "Topic 'a{b' in 'a{b' is not a level")]
    [InlineData(""" "Topic":"{value}","Payload":"json" """, "Topic Field 'value' of IoTTelemetry is a f64, which topics cannot contain")]
    [InlineData(""" "Topic":"{device_id}/{device_id}","Payload":"json" """, "Topic Field 'device_id' is captured twice.")]
    [InlineData(""" "Topic":"a","Payload":"json","Field":"value" """, "Field applies to raw payloads only")]
    [InlineData(""" "Topic":"a","Payload":"raw" """, "Field is required and not set.")]
    [InlineData(""" "Topic":"a","Payload":"raw","Field":"metadata" """, "Field Field 'metadata' of IoTTelemetry is a")]
    [InlineData(""" "Topic":"{device_id}","Payload":"raw","Field":"device_id" """, "Field A field of IoTTelemetry is given twice")]
    [InlineData(""" "Topic":"a","Payload":"raw","Field":"value","ReceivedAt":"metric_name" """,
        "ReceivedAt Field 'metric_name' of IoTTelemetry is a")]
    public void An_impossible_mapping_is_rejected_under_its_key(string mapping, string expected)
    {
        AssertRefused($$"""{{Endpoint}},"Mappings":[{ {{mapping}},{{Telemetry}} }]""", "Mappings:0:" + expected);
    }

    [Fact]
    public void Every_adapter_is_checked()
    {
        AssertRefused(
            $$"""{{Endpoint}},"Address":"::","Mappings":[{"Topic":"a",{{Telemetry}}}]},"b":{ {{Endpoint}},"Mappings":[{"Topic":"{",{{Telemetry}}}]""",
            "2 errors",
            "Estream:Adapters:a:Address :: is reachable",
            "Estream:Adapters:b:Mappings:0:Topic '{' in '{' is not a level");
    }

    [Fact]
    public async Task Localhost_is_accepted_in_every_spelling()
    {
        using TempDirectory directory = new();
        string config = Write(directory, $$"""{{Endpoint}},"Address":"LocalHost","Mappings":[{"Topic":"a",{{Telemetry}}}]""");

        (int code, string output, string error) = await RunAsync("--check", "--config", config);

        Assert.Equal((0, $"{config} is a valid configuration.\n", ""), (code, output, error));
    }

    [Theory]
    [InlineData("""{"Estream":{"Data":"@"},"Logging":{"LogLevel":{"Default":"Debugg"}}}""",
        "Logging:LogLevel:Default expects one of Trace, Debug, Information, Warning, Error, Critical, None, not \"Debugg\". Did you mean "
        + "\"Debug\"?")]
    [InlineData("""{"Estream":{"Data":"@"},"Logging":{"Console":{"LogLevel":{"Estream":"loud"}}}}""",
        "Logging:Console:LogLevel:Estream expects one of Trace")]
    [InlineData("""{"Estream":{"Data":"@"},"Logging":{"Console":{"FormatterName":"smple"}}}""",
        "Logging:Console:FormatterName expects one of json, simple, systemd, not \"smple\". Did you mean \"simple\"?")]
    [InlineData("""{"Estream":{"Data":"@","Http":{"TokenFile":"a\u0000b"}}}""", "Estream:Http:TokenFile expects a path, not \"a?b\"")]
    [InlineData("""{"Estream":{"Data":"@","Schemas":["a\u0000b"]}}""", "Estream:Schemas:0 expects a path, not \"a?b\"")]
    public async Task A_setting_that_would_cause_an_exception_is_reported_with_its_key(string json, string expected)
    {
        using TempDirectory directory = new();
        await AssertRefusedAsync(directory, Write(directory, json, isAdapter: false), expected);
    }

    [Fact]
    public async Task Log_levels_ignore_case()
    {
        using TempDirectory directory = new();
        string config = Write(directory, """{"Estream":{"Data":"@"},"Logging":{"LogLevel":{"Default":"debug"}}}""", isAdapter: false);

        Assert.Equal(0, (await RunAsync("--check", "--config", config)).Code);
    }

    private static void AssertRefused(string adapter, params string[] expected)
    {
        using TempDirectory directory = new();
        string prefix = expected.Length == 1 ? "Estream:Adapters:a:" : "";
        AssertRefusedAsync(directory, Write(directory, adapter), [.. expected.Select(text => prefix + text)]).GetAwaiter().GetResult();
    }

    private static async Task AssertRefusedAsync(TempDirectory directory, string config, params string[] expected)
    {
        foreach (string[] arguments in (string[][])[["--check", "--config", config], ["--config", config]])
        {
            (int code, string output, string error) = await RunAsync(arguments);

            Assert.Equal((arguments[0] == "--check" ? 1 : 2, ""), (code, output));
            Assert.All(expected, text => Assert.Contains(text, error, StringComparison.Ordinal));
            Assert.False(Directory.Exists(directory.Combine("data")), "something was made");
        }
    }

    private static string Write(TempDirectory directory, string text, bool isAdapter = true)
    {
        string json = isAdapter
            ? """{"Estream":{"Data":"@","Http":{"Port":0},"Queues":{"q":{}},"Adapters":{"a":{*}}}}""".Replace("*", text,
                StringComparison.Ordinal)
            : text;
        string path = directory.Combine("estream.json");
        File.WriteAllText(path, json.Replace("@", directory.Combine("data"), StringComparison.Ordinal));
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new();
        int code = await HostProgram.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
