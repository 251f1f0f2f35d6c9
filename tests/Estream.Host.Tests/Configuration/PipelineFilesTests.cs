using Estream.Circuits;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Testing;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Tests.Configuration;

/// <summary>The check of the pipeline and circuit files that a configuration names.</summary>
public sealed class PipelineFilesTests : IDisposable
{
    private const string Hot =
        "version: \"1.0\"\npipelines:\n  hot:\n    from: { queue: telemetry, schema: IoTTelemetry }\n    stages: [{ filter: value > 30 "
        + "}]\n    to: { queue: hot }\n";

    private const string Timer =
        "escir_version: \"0.8.0\"\nname: acme.timer.v1\nversion: \"1.0.0\"\ninputs: [{ name: minute, every: 1m }]\noutputs: [{ name: "
        + "beats, type: estream.system.TimerTick }]\ncompute: [{ id: late, type: filter, when: missed == 0 }]\nflows: [minute -> late "
        + "-> beats]\n";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Pipeline_files_and_folders_are_read_and_the_configuration_of_the_guide_is_valid()
    {
        Write("a/hot.pipeline.yaml", Hot);
        Write("b.yaml", Hot.Replace("hot", "cold", StringComparison.Ordinal));
        (PipelineFiles files, IReadOnlyList<SettingError> errors) = Load(["a", "b.yaml"], "telemetry", "hot", "cold");
        Assert.Empty(errors);
        Assert.Equal(["hot", "cold"], files.Pipelines.Select(pipeline => pipeline.Name));

        string[] blocks = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "pipelines.md")).Split("```");
        Write("boiler.esf.yaml", blocks.First(block => block.StartsWith("yaml\n", StringComparison.Ordinal))["yaml\n".Length..]);
        Write("boiler.pipeline.yaml",
            blocks.Where(block => block.StartsWith("yaml\n", StringComparison.Ordinal)).ElementAt(1)["yaml\n".Length..]);
        string json = blocks.First(block =>
            block.StartsWith("json\n", StringComparison.Ordinal))["json\n".Length..].Replace("\"pipelines\"",
                System.Text.Json.JsonSerializer.Serialize(_directory.Combine("boiler.pipeline.yaml")), StringComparison.Ordinal);
        SettingErrors found = new();
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json)))
            .Build();
        Assert.Equal(3, PipelineFiles.Load(configuration, new SchemaLookup(EsfSchemaSet.BuiltIn), found).Pipelines.Count);
        Assert.Empty(found.Items);
    }

    [Theory]
    [InlineData("filter: vlue > 1", "error EPL012", "telemetry", "hot")]
    [InlineData("filter: value > 1", "names the queue \"hot\", which Estream:Queues does not have. Did you mean \"hott\"?", "telemetry",
        "hott")]
    [InlineData("filter: value > 1", "which a mapping of the adapter devices writes too", "telemetry", "hot", "mapped")]
    [InlineData("filter: value > 1", "which a mapping of the adapter devices writes too", "telemetry", "hot", "apart")]
    [InlineData(
        "lookup: { map: limits, holds: IoTTelemetry, as: o, key: device_id, schema: IoTTelemetry, set: { device_id: device_id, timestamp: "
        + "timestamp, metric_name: metric_name, value: value } }", "reads the map \"limits\"", "telemetry", "hot")]
    public void An_error_is_reported_with_its_position(string stage, string expected, params string[] queues)
    {
        Write("hot.pipeline.yaml", Hot.Replace("filter: value > 30", stage, StringComparison.Ordinal));
        SettingError error = Assert.Single(Load(["hot.pipeline.yaml"], queues).Errors);
        Assert.StartsWith("Estream:Pipelines", error.Path, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("hot.pipeline.yaml(", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_folder_and_the_dead_letter_queue_are_rejected()
    {
        Directory.CreateDirectory(_directory.Combine("empty"));
        Assert.Contains("a folder without files *.pipeline.yaml", Assert.Single(Load(["empty"]).Errors).Message, StringComparison.Ordinal);
        Write("hot.pipeline.yaml", Hot.Replace("to: { queue: hot }", "to: { queue: dead-letters }", StringComparison.Ordinal));
        Assert.Contains("which is reserved for adapters", Assert.Single(Load(["hot.pipeline.yaml"], "telemetry").Errors).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Circuits_become_one_pipeline_per_output_and_the_configuration_of_their_page_is_valid()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "escir.md"));
        string text = page.Split("```yaml\n")[1].Split("```")[0];
        Write("circuits/alarms.circuit.yaml", text);
        string json = page.Split("```json\n")[1].Split("```")[0].Replace("\"circuits\"",
            System.Text.Json.JsonSerializer.Serialize(_directory.Combine("circuits")), StringComparison.Ordinal);
        PipelineFiles files = LoadJson(json, out IReadOnlyList<SettingError> errors);
        Assert.Empty(errors);
        Assert.Equal(["acme.boiler.alarms.v1.hot", "acme.boiler.alarms.v1.newest", "acme.boiler.alarms.v1.minutes"],
            files.Pipelines.Select(pipeline => pipeline.Name));
        Assert.Contains("acme.boiler.alarms.v1.esf.yaml", files.Schemas.Schemas.Files.Select(file => file.Name));

        Write("circuits/alarms.circuit.yaml", text.Replace("value > 140.0", "valu > 140.0", StringComparison.Ordinal));
        _ = LoadJson(json, out errors);
        Assert.Contains("error ECR012: node 'high'", Assert.Single(errors).Message, StringComparison.Ordinal);
        Assert.Equal("Estream:Circuits:0", errors[0].Path);

        Write("circuits/alarms.circuit.yaml", text.Replace("queue: telemetry", "queue: telemtry", StringComparison.Ordinal));
        _ = LoadJson(json, out errors);
        Assert.All(errors, error => Assert.Contains("Did you mean \"telemetry\"?", error.Message, StringComparison.Ordinal));
        Assert.Equal("Estream:Circuits", errors[0].Path);
    }

    [Fact]
    public void A_circuit_with_sums_needs_the_parties_and_the_key_of_the_host()
    {
        const string Sum = "escir_version: \"0.8.0\"\nname: acme.sums.v1\nversion: \"1.0.0\"\n"
            + "types: [{ name: Number, fields: [{ name: session, type: i64 }, { name: number, type: i64 }] }]\n"
            + "inputs: [{ name: in, type: Number }]\noutputs: [{ name: sums, type: Number }]\n"
            + "compute: [{ id: all, type: filter, when: number >= 0 }]\nflows: [in -> all -> sums]\n"
            + "annotations: { stream_pattern: mpc_session }\n";
        Write("sums.circuit.yaml", Sum);
        MlKem1024PrivateKey[] keys = [.. Enumerable.Range(0, 4).Select(_ => MlKem1024PrivateKey.Generate())];
        for (int party = 0; party < keys.Length; party++)
        {
            MlKem1024KeyFile.WritePublic(_directory.Combine($"{party}.pub.pem"), keys[party].PublicKey);
            MlKem1024KeyFile.WritePrivate(_directory.Combine($"{party}.key.pem"), keys[party]);
        }

        (PipelineFiles files, string[] errors) = LoadSums(null);
        Assert.Contains("takes part in the sessions of \"sums\", but the host is no party of them. Set Estream:Queues:sums:Party.",
            Assert.Single(errors), StringComparison.Ordinal);
        Assert.Empty(files.Identities);

        (files, errors) = LoadSums(new { PrivateKeyFile = _directory.Combine("1.key.pem"), Parties = PartiesOf(0, 1, 2) });
        Assert.Empty(errors);
        Assert.Equal(("sums", 1), (Assert.Single(files.Identities).Key, files.Identities["sums"].Party));

        (_, errors) = LoadSums(new { PrivateKeyFile = _directory.Combine("3.key.pem"), Parties = PartiesOf(0, 1, 2) });
        Assert.Contains("Estream:Queues:sums:Party:Parties cannot be used: The private key belongs to none of the parties",
            Assert.Single(errors), StringComparison.Ordinal);
        (_, errors) = LoadSums(new { PrivateKeyFile = _directory.Combine("1.key.pem"), Parties = PartiesOf(0, 1) });
        Assert.Contains("There are 2 parties", Assert.Single(errors), StringComparison.Ordinal);
        (_, errors) = LoadSums(new { PrivateKeyFile = _directory.Combine("1.pub.pem"), Parties = PartiesOf(0, 1, 2) });
        Assert.StartsWith("Estream:Queues:sums:Party:PrivateKeyFile is ", Assert.Single(errors), StringComparison.Ordinal);
        (_, errors) = LoadSums(new { PrivateKeyFile = _directory.Combine("1.key.pem"), Parties = PartiesOf(0, 1, 9) });
        Assert.StartsWith("Estream:Queues:sums:Party:Parties:2:KeyFile is ", Assert.Single(errors), StringComparison.Ordinal);

        object[] PartiesOf(params int[] parties) =>
            [.. parties.Select(party => new { Name = $"party {party}", KeyFile = _directory.Combine($"{party}.pub.pem") })];

        (PipelineFiles, string[]) LoadSums(object? party)
        {
            Dictionary<string, object> sums = party is null ? [] : new() { ["Party"] = party };
            string json = System.Text.Json.JsonSerializer.Serialize(new
            {
                Estream = new
                {
                    Queues = new Dictionary<string, object> { ["in"] = new { }, ["sums"] = sums },
                    Circuits = new[] { _directory.Combine("sums.circuit.yaml") },
                },
            });
            PipelineFiles loaded = LoadJson(json, out IReadOnlyList<SettingError> found);
            return (loaded, [.. found.Select(error => $"{error.Path} {error.Message}")]);
        }
    }

    [Fact]
    public void Circuits_of_a_tenant_count_towards_its_usage()
    {
        Write("a.circuit.yaml", Circuit("acme.a.v1", "a", 0));
        Write("b.circuit.yaml", Circuit("acme.b.v1", "b", 0));
        PipelineFiles files = LoadJson(Tiers("{}", "a", "b"), out IReadOnlyList<SettingError> errors);
        Assert.Empty(errors);
        Assert.Equal([("acme.a.v1", "default"), ("acme.b.v1", "acme")],
            files.Circuits.Select(circuit => (circuit.Circuit.Name, circuit.Tenant)));
        Assert.Equal(2, files.Pipelines.Count);
        Assert.Empty(files.Declared);
    }

    [Theory]
    [InlineData(0, "{}", null)]
    [InlineData(1, "{}",
        "acme.a.v1 has 'witness_tier: 1', but its queue 'a' has no witness: add a witness, or lower the tier "
        + "(Estream:Queues:NAME:Witness).")]
    [InlineData(1, """{"Witness":{"KeyFile":"k"}}""", null)]
    [InlineData(2, """{"Witness":{"KeyFile":"k"}}""",
        "its queue 'a' has a witness that is not durable: add a durable witness, or lower the tier")]
    [InlineData(2, """{"Witness":{"KeyFile":"k","Durable":true}}""", null)]
    [InlineData(3, """{"Witness":{"KeyFile":"k","Durable":true}}""", "its queue 'telemetry' has no witness: add a durable witness")]
    public void A_circuit_runs_only_with_its_required_witness(int tier, string queue, string? expected)
    {
        Write("a.circuit.yaml", Circuit("acme.a.v1", "a", tier));
        Write("b.circuit.yaml", Circuit("acme.b.v1", "b", 0));
        _ = LoadJson(Tiers(queue, "a", "b"), out IReadOnlyList<SettingError> errors);
        Assert.Equal(expected is null ? 0 : 1, errors.Count);
        Assert.All(errors, error => Assert.Contains(expected!, error.Message, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.Equal("Estream:Circuits:0", error.Path));
    }

    [Theory]
    [InlineData("lex://acme/readings", "{ \"Lex\": \"lex://acme/readings\" }", "telemetry", null)]
    [InlineData("lex://acme/b/v1/b", "{}", "b", null)]
    [InlineData("lex://acme/readings", "{}", null,
        "the input 'telemetry' of acme.a.v1 1.0.0 reads lex://acme/readings: nothing has this address (Estream:Queues:NAME:Lex sets the "
        + "address of a queue).")]
    [InlineData("lex://acme/a/v1/a", "{}", null, "reads lex://acme/a/v1/a: it is the queue a, which the circuit writes itself")]
    [InlineData("lex://acme/b/v1", "{}", null, "reads lex://acme/b/v1: it is the circuit acme.b.v1, but an input must be a queue")]
    public void A_circuit_can_read_an_address(string address, string telemetry, string? queue, string? expected)
    {
        // The configuration lists circuit a, which reads the address, before circuit b, whose output the address can name.
        Write("a.circuit.yaml",
            Circuit("acme.a.v1", "a", 0)
                .Replace("type: IoTTelemetry }]\noutputs", $"type: IoTTelemetry, lex: \"{address}\" }}]\noutputs",
                    StringComparison.Ordinal));
        Write("b.circuit.yaml", Circuit("acme.b.v1", "b", 0));
        PipelineFiles files = LoadJson(Tiers("{}", "a", "b")
            .Replace("\"telemetry\": {}", "\"telemetry\": " + telemetry, StringComparison.Ordinal), out IReadOnlyList<SettingError> errors);
        Assert.Equal(expected is null ? 0 : 1, errors.Count);
        Assert.All(errors, error => Assert.Contains(expected!, error.Message, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.Equal("Estream:Circuits:0", error.Path));
        Assert.Equal(queue is not null, files.Circuits[0].Circuit.Inputs[0].Queue == queue && files.Pipelines[0].Source == queue);
    }

    [Fact]
    public void An_address_has_only_one_owner()
    {
        Write("a.circuit.yaml", Circuit("acme.a.v1", "a", 0));
        Write("b.circuit.yaml", Circuit("acme.b.v1", "b", 0));
        PipelineFiles files = LoadJson(Tiers("{}", "a", "b")
            .Replace("\"telemetry\": {}", "\"telemetry\": { \"Lex\": \"lex://acme/a/v1\" }", StringComparison.Ordinal),
                out IReadOnlyList<SettingError> errors);
        SettingError error = Assert.Single(errors);
        Assert.Equal("Estream:Circuits:0", error.Path);
        Assert.Contains(
            "lex://acme/a/v1 is already the address of queue telemetry. Give circuit acme.a.v1 another address.",
            error.Message, StringComparison.Ordinal);
        Assert.Equal(["lex://acme/a/v1", "lex://acme/b/v1", "lex://acme/b/v1/b"], files.Streams.All.Select(entry => entry.Key.ToString()));
    }

    [Fact]
    public void A_circuit_runs_only_with_its_required_approvals()
    {
        string text = Circuit("acme.a.v1", "a", 0).Replace("witness_tier: 0", "governance: { approvals: 1 }", StringComparison.Ordinal);
        Write("a.circuit.yaml", text);
        Write("b.circuit.yaml", Circuit("acme.b.v1", "b", 0));
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        File.WriteAllText(_directory.Combine("anna.pub"),
            $"algorithm: ML-DSA-87\n{Convert.ToBase64String(key.PublicKey.PublicKey.Span)}\n");
        string json = Tiers("{}", "a", "b")
            .Replace("\"Tenants\"",
                "\"Approvers\": [" + System.Text.Json.JsonSerializer.Serialize(_directory.Combine("anna.pub")) + "], \"Tenants\"",
                StringComparison.Ordinal);
        _ = LoadJson(json, out IReadOnlyList<SettingError> errors);
        SettingError error = Assert.Single(errors);
        Assert.Equal("Estream:Circuits:0", error.Path);
        Assert.Contains("acme.a.v1 1.0.0 needs 1 approvals and has 0. Have other approvers", error.Message, StringComparison.Ordinal);
        Assert.Contains("(approvers are listed in Estream:Approvers)", error.Message, StringComparison.Ordinal);

        byte[] signature = new byte[MlDsa87.SignatureBytes];
        key.Sign(System.Text.Encoding.UTF8.GetBytes(text), System.Text.Encoding.UTF8.GetBytes(CircuitApproval.Context), signature);
        Directory.CreateDirectory(_directory.Combine("a.circuit.yaml.approvals"));
        File.WriteAllBytes(_directory.Combine("a.circuit.yaml.approvals", "anna.sig"), signature);
        Assert.Single(LoadJson(json, out errors).Approvers);
        Assert.Empty(errors);

        File.WriteAllText(_directory.Combine("anna.pub"), "nothing");
        _ = LoadJson(json, out errors);
        Assert.Equal(["Estream:Approvers:0", "Estream:Circuits:0"], errors.Select(one => one.Path));
    }

    private string Tiers(string queue, string first, string second) =>
        "{ \"Estream\": { \"Queues\": { \"telemetry\": {}, \"a\": " + queue + ", \"b\": {} }, \"Circuits\": ["
            + System.Text.Json.JsonSerializer.Serialize(_directory.Combine(first + ".circuit.yaml"))
        + "], \"Tenants\": { \"acme\": { \"Circuits\": ["
        + System.Text.Json.JsonSerializer.Serialize(_directory.Combine(second + ".circuit.yaml")) + "] } } } }";

    private static string Circuit(string name, string output, int tier) =>
        $"escir_version: \"0.8.0\"\nname: {name}\nversion: \"1.0.0\"\nannotations: {{ witness_tier: {tier} }}\ninputs: [{{ name: "
        + $"telemetry, type: IoTTelemetry }}]\noutputs: [{{ name: {output}, type: IoTTelemetry }}]\ncompute: [{{ id: known, type: "
        + $"filter, when: has(value) }}]\nflows: [telemetry -> known -> {output}]\n";

    [Theory]
    [InlineData("{}", "{}", null)]
    [InlineData(null, "{}", "names the queue \"minute\", which Estream:Queues does not have.")]
    [InlineData("{}", """{"devices":{"Mappings":[{"Queue":"minute"}]}}""",
        "writes to \"minute\", which a mapping of the adapter devices writes too.")]
    public void The_queue_of_a_timer_exists_and_is_exclusive(string? queue, string adapters, string? expected)
    {
        Write("timer.circuit.yaml", Timer);
        string json = "{ \"Estream\": { \"Adapters\": " + adapters + ", \"Queues\": { " + (queue is null ? "" : $"\"minute\": {queue}, ")
            + "\"beats\": {} }, \"Circuits\": ["
            + System.Text.Json.JsonSerializer.Serialize(_directory.Combine("timer.circuit.yaml")) + "] } }";
        PipelineFiles files = LoadJson(json, out IReadOnlyList<SettingError> errors);
        Assert.Equal(expected is null ? 0 : 1, errors.Count);
        Assert.All(errors, error => Assert.Contains(expected!, error.Message, StringComparison.Ordinal));
        Assert.Equal("acme.timer.v1.minute", Assert.Single(files.Pipelines).Timer);

        // The queue of the timer gets the retention of this schema.
        Assert.Equal("estream.system.TimerTick", Assert.Single(files.Pipelines[0].SchemasIn("minute")).QualifiedName);
    }

    [Theory]
    [InlineData("hot", "auto", "hot.pipeline.yaml", "the pipeline 'hot' writes to \"hot\", a queue of Estream:Replication:Publish")]
    [InlineData("hot", "fixed", "hot.pipeline.yaml", null)]
    [InlineData("telemetry", "auto", "hot.pipeline.yaml", null)]
    [InlineData("a", "auto", "a.circuit.yaml", "the pipeline 'acme.a.v1.a' writes to \"a\"")]
    [InlineData("minute", "auto", "timer.circuit.yaml", "writes to \"minute\"")]
    [InlineData("log", "auto", "queue.append.v1", "its operation 'queue.append' writes to \"log\"")]
    [InlineData("requests", "auto", "queue.append.v1", null)]
    public void A_queue_that_another_host_may_take_over_is_written_by_no_pipeline_or_circuit(
        string published, string role, string file, string? expected)
    {
        Write("hot.pipeline.yaml", Hot);
        Write("a.circuit.yaml", Circuit("acme.a.v1", "a", 0));
        Write("timer.circuit.yaml", Timer);
        string path = file.EndsWith(".yaml", StringComparison.Ordinal)
            ? _directory.Combine(file)
            : RepositoryRoot.Combine("circuits", file, $"{file}.circuit.yaml");
        string json = System.Text.Json.JsonSerializer.Serialize(new
        {
            Estream = new Dictionary<string, object>
            {
                ["Queues"] = ((string[])["telemetry", "hot", "a", "minute", "beats", "log", "requests", "results"])
                    .ToDictionary(queue => queue, _ => new { }),
                ["Replication"] = new { Cluster = "c", Brokers = new[] { "127.0.0.1" }, Role = role, Publish = new[] { published } },
                [file.Contains("pipeline", StringComparison.Ordinal) ? "Pipelines" : "Circuits"] = new[] { path },
            },
        });

        _ = LoadJson(json, out IReadOnlyList<SettingError> errors);
        Assert.Equal(expected is null ? 0 : 1, errors.Count);
        Assert.All(errors, error => Assert.Contains(expected!, error.Message, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.Contains("consumer group that has an output", error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{ "RetainedAge": "forever" }""", null)]
    [InlineData("""{ "RetainedAge": "30d" }""", "Remove Estream:Queues:a:RetainedAge")]
    [InlineData("""{ "RetainedBytes": 1000 }""", "Remove Estream:Queues:a:RetainedBytes")]
    public void The_queue_of_a_log_has_no_limit_of_retention(string queue, string? expected)
    {
        Write("a.circuit.yaml", Circuit("acme.a.v1", "a", 0).Replace("witness_tier: 0", "stream_pattern: log", StringComparison.Ordinal));
        Write("b.circuit.yaml", Circuit("acme.b.v1", "b", 0));
        PipelineFiles files = LoadJson(Tiers(queue, "a", "b"), out IReadOnlyList<SettingError> errors);
        Assert.Equal(expected is null ? 0 : 1, errors.Count);
        Assert.All(errors, error => Assert.Contains(expected!, error.Message, StringComparison.Ordinal));
        Assert.Equal([true, false], files.Pipelines.Select(pipeline => pipeline.IsLog));
    }

    [Fact]
    public void A_circuit_that_only_code_can_run_is_rejected()
    {
        Write("bound.circuit.yaml",
            "escir_version: \"0.8.0\"\nname: acme.bound.v1\nversion: \"1.0.0\"\ninputs: [{ name: telemetry, type: IoTTelemetry "
            + "}]\noutputs: [{ name: hot, type: IoTTelemetry }]\ncompute: [{ id: known, type: stateful }]\nflows: [telemetry -> known "
            + "-> hot]\n");
        _ = LoadJson("{ \"Estream\": { \"Queues\": { \"telemetry\": {}, \"hot\": {} }, \"Circuits\": ["
            + System.Text.Json.JsonSerializer.Serialize(_directory.Combine("bound.circuit.yaml")) + "] } }",
                out IReadOnlyList<SettingError> errors);
        Assert.Contains("whose nodes known are bound to code that this host does not have", Assert.Single(errors).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_operation_circuit_runs_over_the_queues_of_the_host()
    {
        string file = RepositoryRoot.Combine("circuits", "queue.append.v1", "queue.append.v1.circuit.yaml");
        const string Others = "\"requests\": {}, \"results\": {}";
        PipelineFiles files = LoadOperation(file, $"\"log\": {{}}, {Others}", out IReadOnlyList<SettingError> errors);
        Assert.Empty(errors);
        Assert.Equal("queue.append", Assert.Single(files.Circuits).Circuit.Operation!.Name);
        _ = LoadOperation(file, Others, out errors);
        Assert.Contains("its operation 'queue.append' names the queue \"log\", which Estream:Queues does not have.",
            Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_that_follows_a_queue_is_no_map_of_an_operation()
    {
        string file = RepositoryRoot.Combine("circuits", "map.put.v1", "map.put.v1.circuit.yaml");
        _ = LoadOperation(file, "\"requests\": {}, \"results\": {}", out IReadOnlyList<SettingError> errors,
            ", \"Maps\": { \"state\": { \"Queue\": \"requests\", \"Schema\": \"IoTTelemetry\", \"Key\": \"device_id\" } }");
        Assert.Contains("its operation 'map.put' names the map \"state\", which follows a queue", Assert.Single(errors).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_that_clients_write_is_no_map_of_an_operation_or_a_pipeline()
    {
        const string Clients = ", \"Client\": { \"Maps\": { \"state\": {} } }";
        string file = RepositoryRoot.Combine("circuits", "map.put.v1", "map.put.v1.circuit.yaml");
        _ = LoadOperation(file, "\"requests\": {}, \"results\": {}", out IReadOnlyList<SettingError> errors, Clients);
        Assert.Contains("its operation 'map.put' names the map \"state\", which clients write (Estream:Client:Maps)",
            Assert.Single(errors).Message, StringComparison.Ordinal);

        Write("a.circuit.yaml", Circuit("acme.a.v1", "state", 0)
            .Replace("name: state, type", "name: state, map: state, key: device_id, type", StringComparison.Ordinal));
        _ = LoadOperation(_directory.Combine("a.circuit.yaml"), "\"telemetry\": {}", out errors, Clients);
        Assert.Contains("creates the map \"state\", which Estream:Client:Maps already defines", Assert.Single(errors).Message,
            StringComparison.Ordinal);
    }

    private static PipelineFiles LoadOperation(string file, string queues, out IReadOnlyList<SettingError> errors, string more = "") =>
        LoadJson("{ \"Estream\": { \"Queues\": {" + queues + "}" + more + ", \"Circuits\": ["
            + System.Text.Json.JsonSerializer.Serialize(file) + "] } }", out errors);

    [Fact]
    public void The_bank_message_circuit_is_bound_to_its_code_if_there_is_a_key()
    {
        string circuit = RepositoryRoot.Combine("circuits", "wire", "iso20022.parse.v1", "iso20022.parse.v1.circuit.yaml");
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(
            EsfSchemaSet.Load(RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml")));
        string keys = _directory.Combine("circuit-keys");
        Directory.CreateDirectory(keys);
        string json = System.Text.Json.JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Privacy = new { CircuitKeys = keys },
                Queues = new Dictionary<string, object>
                {
                    ["iso20022-documents"] = new { },
                    ["iso20022-pacs008"] = new { Witness = new { KeyFile = "witness.key", Durable = true } },
                    ["iso20022-pacs002"] = new { Witness = new { KeyFile = "witness.key", Durable = true } },
                    ["iso20022-rejected"] = new { },
                },
                Circuits = new[] { circuit },
            },
        });

        _ = LoadJson(json, out IReadOnlyList<SettingError> errors, schemas);
        Assert.Contains("Set Estream:Privacy:CircuitKeys to a folder with the private key of one of their audiences",
            Assert.Single(errors).Message, StringComparison.Ordinal);

        using (MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate())
        {
            MlKem1024KeyFile.WritePrivate(Path.Combine(keys, "auditor.key.pem"), key);
        }

        PipelineFiles files = LoadJson(json, out errors, schemas);
        using EsfKeyRing? ring = files.CircuitKeys;
        Assert.Empty(errors);
        Assert.Equal(1, ring?.Count);
        Assert.NotEmpty(Assert.Single(files.Circuits).Circuit.Pipelines);
    }

    private static PipelineFiles LoadJson(string json, out IReadOnlyList<SettingError> errors, EsfSchemaSet? schemas = null)
    {
        SettingErrors found = new();
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json)))
            .Build();
        PipelineFiles files = PipelineFiles.Load(configuration, new SchemaLookup(schemas ?? EsfSchemaSet.BuiltIn), found);
        errors = [.. found.Items];
        return files;
    }

    private void Write(string name, string text)
    {
        string path = _directory.Combine(name.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private (PipelineFiles Files, IReadOnlyList<SettingError> Errors) Load(string[] paths, params string[] queues)
    {
        Dictionary<string, string?> values = queues.Where(queue => queue is not ("mapped" or "apart"))
            .ToDictionary(queue => $"Estream:Queues:{queue}:SegmentBytes", _ => (string?)"65536");
        for (int i = 0; i < paths.Length; i++)
        {
            values[$"Estream:Pipelines:{i}"] = _directory.Combine(paths[i]);
        }

        if (queues.Contains("mapped"))
        {
            values["Estream:Adapters:devices:Mappings:0:Queue"] = "hot";
        }

        if (queues.Contains("apart"))
        {
            values["Estream:Adapters:devices:Mappings:0:Queue"] = "messages";
            values["Estream:Adapters:devices:Mappings:0:SubLexes:clinical"] = "hot";
        }

        SettingErrors errors = new();
        PipelineFiles files = PipelineFiles.Load(new ConfigurationBuilder().AddInMemoryCollection(values).Build(),
            new SchemaLookup(EsfSchemaSet.BuiltIn), errors);
        return (files, errors.Items);
    }
}
