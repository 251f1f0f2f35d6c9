using System.Net;
using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;
using Microsoft.Extensions.Configuration;
using Estream.Witness;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: a configuration error is reported with the key, the accepted values and the likely intention of the operator.</summary>
public sealed class ConfigurationCheckTests
{
    private const string Complete = """
        {"Estream":{"Data":"data","Http":{"Address":"127.0.0.1","Port":5080},
         "Queues":{"telemetry":{"SegmentBytes":67108864},"dead-letters":{}},
         "Maps":{"latest":{"Queue":"telemetry","Schema":"IoTTelemetry","Key":"device_id"}},
         "Adapters":{"devices":{"Type":"mqtt-endpoint","Address":"127.0.0.1","Port":1883,
           "Mappings":[{"Topic":"devices/{device_id}/telemetry","Payload":"json","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
        """;

    [Fact]
    public void A_complete_configuration_is_read_into_settings()
    {
        using ConfigurationCase good = new(Complete);

        EstreamSettings settings = good.Settings();

        Assert.Equal(Path.GetFullPath("data"), settings.Data);
        Assert.Equal((IPAddress.Loopback, 5080, null), (settings.Http.Address, settings.Http.Port, settings.Http.Token));
        Assert.Equal([new QueueSettings("dead-letters"), new QueueSettings("telemetry", 67108864)], settings.Queues);
        Assert.Equal([new MapSettings("latest", "telemetry", "IoTTelemetry", "device_id")], settings.Maps);
        Assert.Equal(("devices", "mqtt-endpoint"), (settings.Adapters[0].Name, settings.Adapters[0].Type));
    }

    [Fact]
    public void Queue_settings_are_used_to_open_the_queue()
    {
        using ConfigurationCase good = new(
            """{"Estream":{"Queues":{"telemetry":{"SegmentBytes":65536,"RetainedBytes":1000000,"MemoryBytes":2000000},"plain":{}}}}""");
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        QueueOptions options = plan.Queues["telemetry"];
        Assert.Equal((65536, 1_000_000, 2_000_000), (options.SegmentBytes, options.RetainedBytes, options.MemoryBytes));
        Assert.Equal(new QueueOptions(), plan.Queues["plain"]);
    }

    [Fact]
    public void Tenant_settings_become_its_limits()
    {
        using ConfigurationCase good = new(
            """{"Estream":{"Tenants":{"acme":{"OperationsPerSecond":1,"CpuMillis":2,"IngressBytesPerSecond":3,"EgressBytesPerSecond":4,"StorageBytes":5},"free":{"Circuits":[]}}}}""");
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        Assert.Equal(new TenantLimits
        {
            OperationsPerSecond = 1,
            CpuMillis = 2,
            IngressBytesPerSecond = 3,
            EgressBytesPerSecond = 4,
            StorageBytes = 5,
        }, plan.Tenants["acme"]);
        Assert.Equal(new TenantLimits(), plan.Tenants["free"]);
    }

    [Theory]
    [InlineData("""{"Component":"@acme/doors"}""", "\"Components\":{}", "Estream:Adapters:a:Component",
        "no component workspace is configured. Set Estream:Components:Workspace")]
    [InlineData("""{"Component":"Acme Doors"}""", "\"Components\":{\"Workspace\":\"w\"}", "Estream:Adapters:a:Component",
        "expects the name of a component, such as @acme/doors, not \"Acme Doors\"")]
    [InlineData("""{"Component":"@acme/doors","Type":"mqtt-endpoint"}""", "\"Components\":{\"Workspace\":\"w\"}", "Estream:Adapters:a:Type",
        "which determines the type")]
    [InlineData("""{"Component":"@acme/doors"}""", "\"Components\":{\"Workspace\":\"w\",\"Folder\":\"c\"}", "Estream:Components:Folder",
        "Accepted keys: Workspace, Cache")]
    public void A_component_adapter_names_its_component_and_has_no_other_type(string adapter, string components, string key,
        string message)
    {
        using ConfigurationCase wrong = new($$$$"""{"Estream":{ {{{{components}}}},"Adapters":{"a":{{{{adapter}}}} }}}""");
        string told = wrong.Message();
        Assert.Contains(key, told, StringComparison.Ordinal);
        Assert.Contains(message, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_keys_are_passed_to_the_component_without_its_name()
    {
        using ConfigurationCase good =
            new("""{"Estream":{"Components":{"Workspace":"w"},"Adapters":{"a":{"Component":"@acme/doors","Shelf":"3"}}}}""");
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        AdapterPlan adapter = plan.Adapters["a"];
        Assert.Equal(("@acme/doors", "3", null),
            (adapter.Component!.ToString(), adapter.Settings.Text("Shelf"), adapter.Settings.Text("Component")));
        Assert.Equal(Path.GetFullPath("w"), plan.Components!.Workspace);
    }

    [Fact]
    public void A_card_setting_must_be_a_card_address()
    {
        using ConfigurationCase good = new("""{"Estream":{"Cards":["sim:","vfio:0000:3b:00.0"]}}""");
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        Assert.Equal(["sim:", "vfio:0000:3b:00.0"], plan.Cards);

        using ConfigurationCase bad = new("""{"Estream":{"Cards":["sim:","loopback:"]}}""");
        Assert.Contains("the address of a card", bad.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_settings_become_observation_levels()
    {
        using ConfigurationCase good =
            new("""{"Estream":{"StreamSight":{"Level":"L2","AlertLevel":"L3","TracesPerSecond":7,"SampleEvery":8}}}""");
        Assert.Equal(new StreamObservationOptions
        {
            Level = ObservationLevel.SampledTraces,
            AlertLevel = ObservationLevel.AllTraces,
            TracesPerSecond = 7,
            SampleEvery = 8,
        }, good.Settings().Observation);
        using ConfigurationCase silent = new("""{"Estream":{"Data":"data"}}""");
        Assert.Equal(new StreamObservationOptions { Level = ObservationLevel.Distributions }, silent.Settings().Observation);
        Assert.Null(silent.Settings().Telemetry);
    }

    [Fact]
    public void Collector_settings_are_read_and_its_credentials_are_not_printed()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("headers");
        SecretFiles.Write(file, "authorization: Bearer secret\n\nx-tenant: a\n");
        using ConfigurationCase good = new(
            """{"Estream":{"OpenTelemetry":{"Endpoint":"https://collector/otlp","Protocol":"HttpProtobuf","HeadersFile":@,"ServiceName":"plant","Metrics":false,"IntervalMs":1000}}}""".Replace("@", System.Text.Json.JsonSerializer.Serialize(file), StringComparison.Ordinal));
        TelemetrySettings read = good.Settings().Telemetry!;
        Assert.Equal((new Uri("https://collector/otlp"), false, "plant", false, true, TimeSpan.FromSeconds(1)),
            (read.Endpoint, read.IsGrpc, read.ServiceName, read.HasMetrics, read.HasTraces, read.Interval));
        Assert.Equal([("authorization", "Bearer secret"), ("x-tenant", "a")], read.Headers.Select(header => (header.Key, header.Value)));
        Assert.Equal("https://collector/otlp (HTTP, 2 headers)", read.ToString());
    }

    [Theory]
    [InlineData("authorization: secret\nauthorization: secret", 2)]
    [InlineData("secret", 1)]
    [InlineData("a header: secret", 1)]
    [InlineData("good: yes\nx: secret, secret", 2)]
    [InlineData("x: secret\u0001", 1)]
    [InlineData("x:", 1)]
    public void An_invalid_header_is_reported_by_line_without_its_text(string text, int line)
    {
        using TempDirectory directory = new();
        string file = directory.Combine("headers");
        SecretFiles.Write(file, text);
        using ConfigurationCase bad = new(
            """{"Estream":{"OpenTelemetry":{"Endpoint":"https://collector","HeadersFile":@}}}""".Replace("@",
                System.Text.Json.JsonSerializer.Serialize(file), StringComparison.Ordinal));
        string message = bad.Message();
        Assert.Contains($"whose line {line} is not a valid header. Write up to 16 headers with different names", message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Witness_settings_are_used_for_attestation()
    {
        using TempDirectory directory = new();
        using MlDsa87PrivateKey earlier = MlDsa87PrivateKey.Generate();
        earlier.PublicKey.Save(directory.Combine("old.pub"));
        string old = System.Text.Json.JsonSerializer.Serialize(directory.Combine("old.pub"));
        using ConfigurationCase good = new(
            """{"Estream":{"Queues":{"plain":{},"orders":{"Witness":{"KeyFile":"a.key"}},"bills":{"Witness":{"KeyFile":"b.key","EarlierKeys":[@],"MaxMessages":7,"MaxDelayMs":0,"Durable":true}}}}}""".Replace("@", old, StringComparison.Ordinal));
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        Assert.Equal(["bills", "orders"], plan.Witnesses.Keys.Order());
        Assert.Equal((Path.GetFullPath("a.key"), "orders.witness"),
            (plan.Witnesses["orders"].KeyFile, plan.Witnesses["orders"].Attestations));
        Assert.Equal(new WitnessOptions() with { EarlierKeys = plan.Witnesses["orders"].Options.EarlierKeys },
            plan.Witnesses["orders"].Options);
        WitnessOptions bills = plan.Witnesses["bills"].Options;
        Assert.Equal((7, TimeSpan.Zero, true, 1), (bills.MaxMessages, bills.MaxDelay, bills.IsDurable, bills.EarlierKeys.Count));
    }

    [Fact]
    public void Wrapped_master_keys_of_queues_and_maps_are_opened_by_their_private_key()
    {
        using TempDirectory directory = new();
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate(), other = MlKem1024PrivateKey.Generate();
        MlKem1024KeyFile.WritePrivate(directory.Combine("host.key.pem"), key);
        MlKem1024KeyFile.WritePrivate(directory.Combine("other.key.pem"), other);
        MasterKeyFile.Add(directory.Combine("master.keys"), "first", key.PublicKey);
        string pair =
            """{"KeyFile":"@/master.keys","PrivateKeyFile":"@/host.key.pem"}""".Replace("@", directory.Path, StringComparison.Ordinal);
        string text = $$$"""{"Estream":{"Queues":{"q":{{{pair}}} },"Client":{"Maps":{"m":{{{pair}}} } } } }""";
        using ConfigurationCase good = new(text);
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        Assert.Equal(["first"], plan.Queues["q"].Keys!.Ids);
        Assert.Equal(["first"], plan.ClientMaps["m"].Keys!.Ids);
        foreach (string wrong in (string[])["\"q\":", "\"m\":"])
        {
            int at = text.IndexOf("host.key", text.IndexOf(wrong, StringComparison.Ordinal), StringComparison.Ordinal);
            using ConfigurationCase bad = new($"{text[..at]}other{text[(at + 4)..]}");
            EstreamBuilder builder = new(new HostConfiguration());
            EstreamKeyException refused =
                Assert.Throws<EstreamKeyException>(() => builder.Add(bad.Settings(), EsfSchemaSet.BuiltIn));
            Assert.Contains(directory.Combine("other.key.pem"), refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null, 90 * 24 * 60)]
    [InlineData("schema", 90 * 24 * 60)]
    [InlineData("forever", 0)]
    [InlineData("7d", 7 * 24 * 60)]
    [InlineData("12h", 12 * 60)]
    [InlineData("30m", 30)]
    public void Queue_retention_comes_from_its_schemas_unless_configured(string? age, int minutes)
    {
        using ConfigurationCase good =
            new(Complete.Replace("\"SegmentBytes\":67108864", age is null ? "" : $"\"RetainedAge\":\"{age}\"", StringComparison.Ordinal));
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        Assert.Equal(TimeSpan.FromMinutes(minutes), plan.Queues["telemetry"].RetainedAge);
    }

    // Invalid messages may arrive without end, so they are not kept forever by default.
    [Theory]
    [InlineData(null, 30)]
    [InlineData("schema", 30)]
    [InlineData("forever", 0)]
    [InlineData("7d", 7)]
    public void Dead_letters_are_kept_for_thirty_days_unless_configured(string? age, int days)
    {
        using ConfigurationCase good = new(
            Complete.Replace("\"dead-letters\":{", "\"dead-letters\":{" + (age is null ? "" : $"\"RetainedAge\":\"{age}\""),
                StringComparison.Ordinal));
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        Assert.Equal(TimeSpan.FromDays(days), plan.Queues["dead-letters"].RetainedAge);
    }

    [Theory]
    [InlineData("IoTCommand", "IoTCommand", 30)]
    [InlineData("IoTCommand", "IoTTelemetry", 90)]
    [InlineData("IoTTelemetry", "IoTCommand", 90)]
    public void A_queue_of_several_schemas_uses_the_longest_retention(string first, string second, int days)
    {
        string mappings = string.Join(',', new[] { first, second }.Select(schema =>
            $$"""{"Topic":"{device_id}/{{schema}}","Payload":"json","Schema":"{{schema}}","Queue":"telemetry"}"""));
        using ConfigurationCase good = new(
            """{"Estream":{"Privacy":{"Keys":"."},"Queues":{"telemetry":{}},"Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":["""
                + mappings + "]}}}}");
        HostConfiguration plan = new();
        new EstreamBuilder(plan).Add(good.Settings(), EsfSchemaSet.BuiltIn);
        Assert.Equal(TimeSpan.FromDays(days), plan.Queues["telemetry"].RetainedAge);
    }

    [Fact]
    public void Messages_with_private_fields_require_audience_keys()
    {
        const string Mapping = """{"Topic":"{device_id}/c","Payload":"json","Schema":"IoTCommand","Queue":"q"}""";
        const string Rest = """ "Queues":{"q":{}},"Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[""" + Mapping + "]}}}}";
        using ConfigurationCase bad = new("""{"Estream":{""" + Rest);
        Assert.Contains(
            "Estream:Adapters:devices:Mappings:0:Schema is \"IoTCommand\", which has private fields, and they are never stored as "
            + "plaintext. Set Estream:Privacy:Keys to a folder with the public keys of their audiences: default.pub.pem.", bad.Message(),
                StringComparison.Ordinal);
        using ConfigurationCase good = new("""{"Estream":{"Privacy":{"Keys":"keys"},""" + Rest);
        Assert.Equal(Path.GetFullPath("keys"), good.Settings().PrivacyKeys);
    }

    [Fact]
    public void Messages_with_card_numbers_require_a_vault()
    {
        const string Rest =
            """ "Queues":{"q":{}},"Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"{device_id}/c","Payload":"json","Schema":"Paid","Queue":"q"}]}}}}""";
        using ConfigurationCase bad = new("""{"Estream":{""" + Rest);
        Assert.Contains(
            "Mappings:0:Schema is \"Paid\", which has tokenized fields, and card numbers are never stored. Set "
            + "Estream:Privacy:Vault:Directory and KeyFile", bad.Message(), StringComparison.Ordinal);
        using ConfigurationCase half = new("""{"Estream":{"Privacy":{"Vault":{"Directory":"vault"}},""" + Rest);
        Assert.Contains("Estream:Privacy:Vault:KeyFile", half.Message(), StringComparison.Ordinal);
        using ConfigurationCase good = new("""{"Estream":{"Privacy":{"Vault":{"Directory":"vault","KeyFile":"vault.key"}},""" + Rest);
        Assert.Equal(new VaultSettings(Path.GetFullPath("vault"), Path.GetFullPath("vault.key")), good.Settings().Vault);
    }

    [Theory]
    [InlineData("Maps:m:Schema", """ "Maps":{"m":{"Queue":"q","Schema":"Spoken","Key":"device_id"}} """)]
    [InlineData("Adapters:devices:Mappings:0:Schema",
        """ "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"{device_id}/c","Payload":"json","Schema":"Spoken","Queue":"q"}]}} """)]
    [InlineData("Adapters:cloud:Egress:0:Schema",
        """ "Adapters":{"cloud":{"Type":"mqtt-client","Broker":{"Host":"b"},"Egress":[{"Queue":"q","Schema":"Spoken","Topic":"out/{device_id}"}]}} """)]
    public void Messages_that_a_queue_cannot_store_directly_are_rejected(string setting, string rest)
    {
        using ConfigurationCase bad = new("""{"Estream":{"Queues":{"q":{}},""" + rest + "}}");
        Assert.Contains($"Estream:{setting} is not in queues.", bad.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("",
        "SubLexes:clinical is missing: Split stores private fields in the sub-lex \"clinical\", separate from its messages. Without a "
        + "queue they would be lost. Name a queue for the sub-lex.")]
    [InlineData("\"SubLexes\":{\"clinical\":\"findngs\"},",
        "SubLexes:clinical names the queue \"findngs\", which Estream:Queues does not have. Did you mean \"findings\"?")]
    [InlineData("\"SubLexes\":{\"clinical\":\"q\"},",
        "SubLexes:clinical names the queue \"q\", which also takes messages. A sub-lex needs its own queue. Name another queue.")]
    [InlineData("\"SubLexes\":{\"clinical\":\"dead-letters\"},",
        "SubLexes:clinical names the queue \"dead-letters\", which also takes messages")]
    [InlineData("\"SubLexes\":{\"clinical\":\"findings\",\"clinicl\":\"findings\"},",
        "SubLexes:clinicl is a sub-lex that Split does not have.")]
    [InlineData("\"SubLexes\":{\"clinical\":\"findings\"},", null)]
    public void A_mapping_names_a_separate_queue_for_each_sub_lex(string setting, string? complaint)
    {
        string mapping = $$"""{"Topic":"{device_id}/c","Payload":"json","Schema":"Split",{{setting}}"Queue":"q"}""";
        using ConfigurationCase read = new(
            """{"Estream":{"Privacy":{"Keys":"."},"Queues":{"q":{},"findings":{}},"Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[""" + mapping + "]}}}}");
        if (complaint is null)
        {
            Assert.Equal(2, read.Settings().Queues.Count);
        }
        else
        {
            Assert.Contains("Estream:Adapters:devices:Mappings:0:" + complaint, read.Message(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"Estream":{"Queues":{"q":{"RetainedAge":"90"}}}}""",
        "Estream:Queues:q:RetainedAge expects a time such as 90d, 12h or 30m, \"forever\", or \"schema\", not \"90\".")]
    [InlineData("""{"Estream":{"Queues":{"q":{"RetainedAge":"0d"}}}}""", "Estream:Queues:q:RetainedAge expects")]
    [InlineData("""{"Estream":{"Queues":{"q":{"RetainedAge":"36526d"}}}}""", "Estream:Queues:q:RetainedAge expects")]
    [InlineData("""{"Estream":{"Queues":{"q":{"RetainedAge":"-1h"}}}}""", "Estream:Queues:q:RetainedAge expects")]
    [InlineData("""{"Estream":{"Queues":{"q":{"PrivateKeyFile":"k"}}}}""",
        "Estream:Queues:q:PrivateKeyFile is set without Estream:Queues:q:KeyFile.")]
    [InlineData("""{"Estream":{"Client":{"Maps":{"m":{"PrivateKeyFile":"k"}}}}}""",
        "Estream:Client:Maps:m:PrivateKeyFile is set without Estream:Client:Maps:m:KeyFile.")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Target":"sim:"}}}}""", "Estream:Queues:q:Target is not a setting of a host: a card holds")]
    [InlineData("""{"Estream":{"Cards":["sim:"],"Queues":{"q":{"Witness":{"KeyFile":"k","Card":"vfio:0000:3b:00.0"}}}}}""",
        "Estream:Queues:q:Witness:Card is \"vfio:0000:3b:00.0\", which Estream:Cards does not have. Cards: sim:.")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Witness":{"KeyFile":"k","Card":"card"}}}}}""",
        "Estream:Queues:q:Witness:Card expects the address of a card")]
    [InlineData("""{"Estream":{"Http":{"Prot":1}}}""",
        "Estream:Http:Prot is not a known key. Did you mean \"Port\"? Accepted keys: Address, Port, LoopbackRole, TokenFile, TokenEnv, "
            + "TokensFile, Certificate, CertificateKey, AllowPlaintext, Socket, Proxies, MaxConnectionsPerAddress, Management.")]
    [InlineData("""{"Estream":{"Client":{"MaxCursorAge":"schema"}}}""",
        "Estream:Client:MaxCursorAge expects a time such as 90d, 12h or 30m, or \"forever\", not \"schema\".")]
    [InlineData("""{"Estream":{"History":{"Enabled":"yes"}}}""", "Estream:History:Enabled expects true or false, not \"yes\".")]
    [InlineData("""{"Estream":{"History":{"MaxSeries":501}}}""",
        "Estream:History:MaxSeries expects a whole number from 1 to 500, not \"501\".")]
    [InlineData("""{"Estream":{"Alerts":{"Rules":{"a":{"Series":"host/cpu"}}}}}""",
        "Estream:Alerts:Rules:a has no threshold. Set Above or Below.")]
    [InlineData("""{"Estream":{"Alerts":{"Rules":{"a":{"Series":"host/cpu","Above":1,"Below":2}}}}}""",
        "Estream:Alerts:Rules:a has both Above and Below. Remove one, or add a second rule.")]
    [InlineData("""{"Estream":{"Alerts":{"Rules":{"a":{"Series":"host/cpu","Above":"NaN"}}}}}""",
        "Estream:Alerts:Rules:a:Above expects a number such as 90 or 0.5, not \"NaN\".")]
    [InlineData("""{"Estream":{"Alerts":{"Rules":{"a":{"Series":"cpu","Above":1}}}}}""",
        "Estream:Alerts:Rules:a:Series expects the name of a series, such as host/cpu, not \"cpu\".")]
    [InlineData("""{"Estream":{"History":{"Enabled":false},"Alerts":{"Rules":{"a":{"Series":"host/cpu","Above":1}}}}}""",
        "Estream:Alerts:Rules needs the history, but Estream:History:Enabled is false.")]
    [InlineData("""{"Estream":{"Alerts":{"Webhook":{"Url":"http://alerts.example.com/hook"}}}}""",
        "Estream:Alerts:Webhook:Url expects an https address, or an http address of this machine")]
    [InlineData("""{"Estream":{"Alerts":{"Webhook":{"Url":"https://user:word@alerts.example.com/hook"}}}}""",
        "Estream:Alerts:Webhook:Url expects an https address, or an http address of this machine")]
    [InlineData("""{"Estream":{"Http":{"Port":"x"}}}""", "Estream:Http:Port expects a whole number from 0 to 65535, not \"x\".")]
    [InlineData("""{"Estream":{"Http":{"Port":70000}}}""", "Estream:Http:Port expects a whole number from 0 to 65535, not \"70000\".")]
    [InlineData("""{"Estream":{"Http":{"Port":1.5}}}""", "Estream:Http:Port expects a whole number from 0 to 65535, not \"1.5\".")]
    [InlineData("""{"Estream":{"Http":{"Port":{"a":1}}}}""", "Estream:Http:Port expects a whole number from 0 to 65535, not an object.")]
    [InlineData("""{"Estream":{"Http":{"Port":[1]}}}""", "Estream:Http:Port expects a whole number from 0 to 65535, not a list.")]
    [InlineData("""{"Estream":{"Http":[1]}}""",
        "Estream:Http expects an object with the keys Address, Port, LoopbackRole, TokenFile, TokenEnv, TokensFile, "
            + "Certificate, CertificateKey, AllowPlaintext, Socket, Proxies, MaxConnectionsPerAddress, Management, not a list.")]
    [InlineData("""{"Estream":{"Http":"on"}}""",
        "Estream:Http expects an object with the keys Address, Port, LoopbackRole, TokenFile, TokenEnv, TokensFile, "
            + "Certificate, CertificateKey, AllowPlaintext, Socket, Proxies, MaxConnectionsPerAddress, Management, not \"on\".")]
    [InlineData("""{"Estream":{"Http":{"Address":"here"}}}""",
        "Estream:Http:Address expects an IP address such as 127.0.0.1, ::1 or 0.0.0.0, or localhost, not \"here\".")]
    [InlineData("""{"Estream":{"Http":{"Address":"1"}}}""", "Estream:Http:Address expects an IP address")]
    [InlineData("""{"Estream":{"Queues":["telemetry"]}}""", "Estream:Queues expects an object with one key per queue, not a list.")]
    [InlineData("""{"Estream":{"Queues":{"../up":{}}}}""", "Estream:Queues:../up is not a valid name for a queue")]
    [InlineData("""{"Estream":{"Queues":{"q":{"SegmentBytes":1}}}}""",
        "Estream:Queues:q:SegmentBytes expects a power of two from 65536 to 1073741824, in bytes, not")]
    [InlineData("""{"Estream":{"Queues":{"q":{"SegmentBytes":100000}}}}""", "Estream:Queues:q:SegmentBytes expects a power of two")]
    [InlineData("""{"Estream":{"Queues":{"q":{"MemoryBytes":-1}}}}""",
        "Estream:Queues:q:MemoryBytes expects a whole number of bytes from 0")]
    [InlineData("""{"Estream":{"Queues":{"q":{"RetainedBytes":-1}}}}""",
        "Estream:Queues:q:RetainedBytes expects a whole number of bytes from 0")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Witness":{}}}}}""", "Estream:Queues:q:Witness:KeyFile is missing.")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Witness":{"KeyFile":"k","MaxMessages":0}}}}}""",
        "Estream:Queues:q:Witness:MaxMessages expects a whole number from 1 to 16777216, not \"0\".")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Witness":{"KeyFile":"k","MaxDelayMs":-1}}}}}""",
        "Estream:Queues:q:Witness:MaxDelayMs expects a whole number of milliseconds from 0 to 86400000")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Witness":{"KeyFile":"k","Durable":"yes"}}}}}""",
        "Estream:Queues:q:Witness:Durable expects true or false, not \"yes\".")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Witness":{"KeyFile":"k","EarlierKeys":"k"}}}}}""",
        "Estream:Queues:q:Witness:EarlierKeys expects a list of paths")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Witness":{"KeyFile":"k"}},"q.witness":{}}}}""",
        "Estream:Queues:q.witness has the name of the attestation queue of \"q\", which is witnessed. Choose another name.")]
    [InlineData("""{"Estream":{"Tenants":{"acme":{"CpuMillis":0}}}}""",
        "Estream:Tenants:acme:CpuMillis expects a whole number from 1 to 1000000, not \"0\".")]
    [InlineData("""{"Estream":{"Tenants":{"acme":{"Circuit":[]}}}}""",
        "Estream:Tenants:acme:Circuit is not a known key. Did you mean \"Circuits\"?")]
    [InlineData("""{"Estream":{"Queues":{"q":{"Lex":"lex://acme"}}}}""",
        "Estream:Queues:q:Lex expects an address such as lex://acme/boilers/telemetry, not \"lex://acme\". Here it has no path.")]
    [InlineData("""{"Estream":{"StreamSight":{"Level":"L4"}}}""", "Estream:StreamSight:Level expects one of L0, L1, L2, L3, not \"L4\".")]
    [InlineData("""{"Estream":{"StreamSight":{"TracesPerSecond":20001}}}""",
        "Estream:StreamSight:TracesPerSecond expects a whole number from 1 to 20000, not \"20001\".")]
    [InlineData("""{"Estream":{"OpenTelemetry":{"Protocol":"Grpc"}}}""", "Estream:OpenTelemetry:Endpoint is missing.")]
    [InlineData("""{"Estream":{"OpenTelemetry":{"Endpoint":"localhost:4317"}}}""",
        "Estream:OpenTelemetry:Endpoint expects an address such as http://127.0.0.1:4317, not \"localhost:4317\".")]
    [InlineData("""{"Estream":{"OpenTelemetry":{"Endpoint":"https://user:pass@collector"}}}""",
        "Estream:OpenTelemetry:Endpoint expects an address such as http://127.0.0.1:4317")]
    [InlineData("""{"Estream":{"OpenTelemetry":{"Endpoint":"https://collector","Protocol":"Http"}}}""",
        "Estream:OpenTelemetry:Protocol expects one of Grpc, HttpProtobuf, not \"Http\".")]
    [InlineData("""{"Estream":{"OpenTelemetry":{"Endpoint":"https://collector","HeadersFile":"/there/is/none"}}}""",
        "Estream:OpenTelemetry:HeadersFile cannot be used: ")]
    [InlineData("""{"Estream":{"OpenTelemetry":{"Endpoint":"http://collector","HeadersFile":"headers"}}}""",
        "Estream:OpenTelemetry:HeadersFile contains credentials, but http://collector/ is plain http to another machine, where anyone on "
        + "the network could read them. Use https.")]
    [InlineData("""{"Estream":{"Schemas":"a.yaml"}}""", "Estream:Schemas expects a list of paths, not \"a.yaml\".")]
    [InlineData("""{"Estream":{"Adapters":{"a":{"Port":1}}}}""",
        "Estream:Adapters:a:Type is missing. It expects one of mqtt-endpoint, mqtt-client.")]
    [InlineData("""{"Estream":{"Adapters":{"a":{"Type":"mqtt-endpiont"}}}}""",
        "Estream:Adapters:a:Type expects one of mqtt-endpoint, mqtt-client, not \"mqtt-endpiont\". Did you mean \"mqtt-endpoint\"?")]
    [InlineData("""{"Estream":{"Maps":{"m":{"Queue":"q"}}}}""", "Estream:Maps:m:Schema is missing.")]
    [InlineData("""{"Other":{}}""", "Estream is missing")]
    public void A_schema_violation_is_reported_with_the_key_and_the_accepted_values(string json, string expected)
    {
        using ConfigurationCase bad = new(json);

        Assert.Contains(expected, bad.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"Queue\":\"telemetry\",\"Schema\"", "\"Queue\":\"telemtry\",\"Schema\"",
        "Estream:Maps:latest:Queue names the queue \"telemtry\", which Estream:Queues does not have. Did you mean \"telemetry\"? Queues: "
        + "dead-letters, telemetry.")]
    [InlineData("\"Schema\":\"IoTTelemetry\",\"Key\"", "\"Schema\":\"IotTelemetri\",\"Key\"",
        "Estream:Maps:latest:Schema names the schema \"IotTelemetri\", which is neither built in nor in a file of Estream:Schemas. Did "
        + "you mean \"IoTTelemetry\"?")]
    [InlineData("\"Key\":\"device_id\"", "\"Key\":\"device\"",
        "Estream:Maps:latest:Key names the field \"device\", which IoTTelemetry does not have.")]
    [InlineData("\"Key\":\"device_id\"", "\"Key\":\"value\"",
        "Estream:Maps:latest:Key cannot be the field \"value\" of IoTTelemetry: it is no string.")]
    [InlineData("{device_id}", "{devise_id}",
        "Estream:Adapters:devices:Mappings:0:Topic names the field \"devise_id\", which IoTTelemetry does not have. Did you mean "
        + "\"device_id\"?")]
    [InlineData("\"Payload\":\"json\"", "\"Payload\":\"jsn\"",
        "Estream:Adapters:devices:Mappings:0:Payload expects one of json, raw, not \"jsn\". Did you mean \"json\"?")]
    [InlineData("\"Schema\":\"IoTTelemetry\",\"Queue\":\"telemetry\"", "\"Schema\":\"IoTTelemetry\",\"Queue\":\"dead-letters\"",
        "Estream:Adapters:devices:Mappings:0:Queue is \"dead-letters\", which is reserved for messages that match no schema.")]
    [InlineData("\"Schema\":\"IoTTelemetry\",\"Queue\":\"telemetry\"",
        "\"Schema\":\"IoTTelemetry\",\"Field\":\"valu\",\"Queue\":\"telemetry\"",
        "Estream:Adapters:devices:Mappings:0:Field names the field \"valu\", which IoTTelemetry does not have. Did you mean \"value\"?")]
    [InlineData("\"Schema\":\"IoTTelemetry\",\"Queue\":\"telemetry\"", "\"Schema\":\"IoTTelemetry\",\"Queue\":\"nowhere\"",
        "Estream:Adapters:devices:Mappings:0:Queue names the queue \"nowhere\"")]
    public void A_reference_to_a_missing_name_is_reported(string written, string replacement, string expected)
    {
        using ConfigurationCase bad = new(Complete.Replace(written, replacement, StringComparison.Ordinal));

        Assert.Contains(expected, bad.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"dead-letters\":{\"SegmentBytes\":65536}", "",
        "Estream:Adapters:a:MaxPacketBytes is 1048576, but a packet of this size does not fit into a segment of the dead letters. Write "
        + "at most 32768, or set Estream:Queues:dead-letters:SegmentBytes to at least 2097152.")]
    [InlineData("", "\"MaxPacketBytes\":100000000,",
        "Write at most 67076096, or set Estream:Queues:dead-letters:SegmentBytes to at least 134217728.")]
    [InlineData("\"dead-letters\":{\"SegmentBytes\":131072}", "\"MaxPacketBytes\":65536,", null)]
    [InlineData("", "", null)]
    public void A_packet_size_above_the_dead_letter_limit_is_rejected(string queues, string packet, string? expected)
    {
        string mapping = """{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}""";
        string separator = queues.Length > 0 ? "," : "";
        using ConfigurationCase tried = new(
            "{\"Estream\":{\"Queues\":{\"telemetry\":{}" + separator + queues + "},\"Adapters\":{\"a\":{\"Type\":\"mqtt-endpoint\","
                + packet
            + "\"Mappings\":[" + mapping + "]}}}}");

        if (expected is null)
        {
            tried.Settings();
        }
        else
        {
            Assert.Contains(expected, tried.Message(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_egress_must_name_an_existing_queue()
    {
        using ConfigurationCase bad = new("""
            {"Estream":{"Queues":{"telemetry":{}},"Adapters":{"a":{"Type":"mqtt-client","Broker":{"Host":"b"},"Egress":[
             {"Schema":"IoTTelemetry","Topic":"out/{device_id}"},{"Queue":"telemetri","Schema":"IoTCommand","Topic":"out/{device_id}"}]}}}}
            """);

        string message = bad.Message();

        Assert.Contains("Estream:Adapters:a:Egress:0:Queue is missing.", message, StringComparison.Ordinal);
        Assert.Contains(
            "Estream:Adapters:a:Egress:1:Queue names the queue \"telemetri\", which Estream:Queues does not have. Did you mean "
            + "\"telemetry\"?", message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_reported_in_one_message()
    {
        using ConfigurationCase bad = new("""
            {"Estream":{"Dta":"x","Http":{"Port":-1},"Maps":{"m":{"Queue":"none","Schema":"IoTTelemetry","Key":"device_id"}}}}
            """);

        string message = bad.Message();

        Assert.Contains("3 errors", message, StringComparison.Ordinal);
        Assert.Contains("Estream:Dta is not a known key. Did you mean \"Data\"?", message, StringComparison.Ordinal);
        Assert.Contains("Estream:Http:Port expects", message, StringComparison.Ordinal);
        Assert.Contains("Estream:Maps:m:Queue names", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_errors_are_counted_but_not_all_printed()
    {
        string keys = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"wrong{i}\":1"));
        using ConfigurationCase bad = new($$$$"""{"Estream":{{{{{keys}}}}}}""");

        string message = bad.Message();

        Assert.Contains("5000 errors", message, StringComparison.Ordinal);
        Assert.Contains("and 4950 more", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_and_long_values_do_not_reach_the_terminal()
    {
        using ConfigurationCase bad =
            new("""{"Estream":{"Http":{"Port":"\u001b[2J#"}}}""".Replace("#", new string('9', 500), StringComparison.Ordinal));

        string message = bad.Message();

        Assert.DoesNotContain('\u001b', message);
        Assert.DoesNotContain(new string('9', 100), message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"Estream\":\n {\"Data\" \"x\"}}", "line 2")]
    [InlineData("""{"Estream":{"Data":"a","data":"b"}}""", "Estream:data")]
    public void A_file_that_is_not_a_JSON_object_is_reported_with_the_position(string json, string expected)
    {
        using ConfigurationCase bad = new(json);

        Assert.Contains(expected, bad.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_reported_by_name()
    {
        SettingErrors errors = new();

        ConfigurationErrorException e = Assert.Throws<ConfigurationErrorException>(
            () => ConfigurationFile.Load("/nowhere/estream.json", _ => null, errors));

        Assert.Contains("/nowhere/estream.json does not exist", e.Message, StringComparison.Ordinal);
    }
}
