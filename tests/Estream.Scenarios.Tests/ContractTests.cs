using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Tests;

/// <summary>Scenario and case names that readers of the JSON rely on, and the targets that the project has promised.</summary>
public sealed class ContractTests
{
    private static readonly string[] s_maps = ["1K", "1M", "16M"];

    private static readonly string[] s_schemas =
    [
        "IoTTelemetry", "IoTCommand", "IoTAlert",
        "EStreamOrder", "EStreamFill", "EStreamQuote", "EStreamMarketData",
        "CarbonCredit", "CarbonAttestation", "CarbonMint",
        "FhirPatient", "FhirObservation", "FhirEncounter", "FhirConsent",
        "FhirServiceRequest", "FhirAppointment", "FhirDocumentReference",
        "Pacs008CreditTransfer", "Pacs002StatusReport", "Camt053Statement", "Camt052Report",
        "ModbusReadResponse", "ModbusWriteResponse", "ModbusEvent", "OpcUaValue",
    ];

    public static TheoryData<string, string[]> Scenarios => new()
    {
        { "append", ["64B"] },
        { "append-checksum", ["64B"] },
        { "append-shared", ["1-writer", "2-writers"] },
        { "append-fresh", ["64B"] },
        { "append-durable", ["64B"] },
        { "read", ["64B"] },
        { "handoff-throughput", ["64B"] },
        { "handoff-latency", ["64B"] },
        { "writer-death", ["beside-a-writer", "reader-alone", "next-writer"] },
        { "replicate", ["100B", "1KiB"] },
        { "replicate-latency", ["100B"] },
        { "replicate-catch-up", ["100B"] },
        { "replicate-takeover", ["100B"] },
        { "map-sync-lag", ["100B"] },
        { "coarse-clock", ["idle", "busy"] },
        { "map-get", s_maps },
        { "map-get-batch", s_maps },
        { "map-get-dependent", s_maps },
        { "map-put", s_maps },
        { "map-put-batch", s_maps },
        { "map-cas", s_maps },
        { "map-cas-batch", s_maps },
        { "map-grow", ["1-writer", "2-writers", "bytes"] },
        { "bytemap-get", ["1K", "1M"] },
        { "bytemap-put", ["1K", "1M"] },
        { "bytemap-put-batch", ["1K", "1M"] },
        { "esf-encode", s_schemas },
        { "esf-decode", s_schemas },
        { "operators", ["IoTTelemetry", "window", "join"] },
        { "circuit-metering", ["IoTTelemetry", "1-request", "256-requests"] },
        { "queue-append-circuit", ["64-bytes"] },
        { "map-put-circuit-witness", ["64-bytes"] },
        { "map-cas-circuit", ["64-bytes"] },
        { "circuit-sight", ["L1", "L2", "L3"] },
        {
            "sign",
            [
                "keygen", "sign", "verify", "signed-append", "pool", "first",
                "keygen-avx2", "sign-avx2", "verify-avx2", "signed-append-avx2",
            ]
        },
        { "append-signed", ["one", "pool"] },
        { "sha3", ["1MiB"] },
        { "witness", ["append-burst", "attest", "put-16M", "put-1M-state"] },
        { "fpga-host", ["32B"] },
        { "packets", ["64B"] },
        { "multicast", ["64B"] },
        { "arbitrate", ["two-feeds"] },
        { "socket-receive", ["1000-a-second", "bursts"] },
        { "fix-parse", ["NewOrderSingle", "NewOrderSingle-split"] },
        { "fix-roundtrip", ["64-in-flight", "1-in-flight"] },
        { "fix-roundtrip-durable", ["64-in-flight", "1-in-flight"] },
        { "iso20022-parse", ["1-transaction", "1000-transactions"] },
        { "iso20022-client", ["1-transaction"] },
        { "hl7-parse", ["message", "patient"] },
        { "fhir-parse", ["observation", "observation-library"] },
        { "modbus-poll", ["10-registers", "10-registers-python"] },
        { "modbus-serve", ["10-registers-python"] },
        { "opcua-read", ["10-nodes"] },
        { "resolve", ["newest", "conflicts"] },
        { "marketplace-install", ["warm", "cold"] },
        { "marketplace-verify", ["5MB"] },
        { "mqtt-ingest", ["100B", "100B-cpu"] },
        { "mqtt-ingest-durable", ["256-in-flight", "1-in-flight"] },
        { "mqtt-idle", ["10000-clients"] },
        { "mqtt-client", ["100B"] },
        { "remote-append", ["100B", "100B-durable"] },
        { "remote-map-get", ["100B"] },
        { "host-at-rest", ["0", "100", "1000", "10000", "100000", "fix-10-sessions", "folders-10"] },
        { "socket-to-map", ["1000", "10000"] },
        { "modbus-schedule", ["1000-devices"] },
        { "widgets", ["append-to-pixel", "page-frame", "overview-12-widgets"] },
    };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Every_scenario_has_its_contracted_cases(string name, string[] cases)
    {
        Assert.Equal(cases, Catalog.Find(name).Cases.Select(c => c.Name));
    }

    [Fact]
    public void Every_scenario_is_part_of_the_contract()
    {
        Assert.Equal(Scenarios.Select(row => (string)row[0]).Order(), Catalog.All.Select(s => s.Name).Order());
    }

    [Theory]
    [InlineData("append", "64B", "estream", "<= 1.35 x", "<= 1.1 x")]
    [InlineData("append-checksum", "64B", "estream", "<= 2.5 x", "<= 1.8 x")]
    [InlineData("append-shared", "1-writer", "estream", "<= 1.6 x", "<= 1.2 x")]
    [InlineData("append-shared", "2-writers", "estream", "<= 1.6 x", "<= 1.2 x")]
    [InlineData("append-fresh", "64B", "estream", "p50 <= 15, p99.9 <= 1,000", "no page fault")]
    [InlineData("append-durable", "64B", "estream", ">= 1,000,000", ">= 1 x")]
    [InlineData("read", "64B", "estream", "<= 1.4 x", "<= 1.1 x")]
    [InlineData("handoff-throughput", "64B", "estream", ">= 50,000,000", "")]
    [InlineData("handoff-throughput", "64B", "estream-coarse", ">= 100,000,000", ">= 250,000,000")]
    [InlineData("handoff-latency", "64B", "estream", "<= 1.5 x", "<= 1.1 x")]
    [InlineData("writer-death", "beside-a-writer", "estream", "p99 <= 50,000,000", "p99 <= 25,000,000")]
    [InlineData("coarse-clock", "busy", "estream", "p99 <= 1,000,000", "p99.9 <= 1,000,000")]
    [InlineData("map-get", "1K", "estream", "<= 1.8 x", "<= 1.3 x")]
    [InlineData("map-get", "1M", "estream", "<= 1.25 x", "<= 1 x")]
    [InlineData("map-get", "16M", "estream", "<= 0.6 x", "<= 0.45 x")]
    [InlineData("map-get-batch", "16M", "estream", "<= 0.4 x", "<= 0.3 x")]
    [InlineData("map-get-dependent", "16M", "estream", "<= 0.6 x", "<= 0.45 x")]
    [InlineData("map-put", "16M", "estream", "<= 0.9 x", "<= 0.6 x")]
    [InlineData("map-put-batch", "16M", "estream-2-writers", "", "<= 20")]
    [InlineData("map-cas", "16M", "estream", "<= 0.9 x", "<= 0.6 x")]
    [InlineData("esf-encode", "IoTTelemetry", "estream", "<= 1.2 x", "")]
    [InlineData("esf-decode", "IoTTelemetry", "estream", "<= 1.2 x", "")]
    [InlineData("operators", "IoTTelemetry", "estream", ">= 20,000,000", "")]
    [InlineData("circuit-metering", "IoTTelemetry", "estream", "<= reference + 5 ns", "")]
    [InlineData("circuit-metering", "1-request", "estream", null, null)]
    [InlineData("circuit-metering", "256-requests", "estream", "<= reference + 5 ns", "")]
    [InlineData("queue-append-circuit", "64-bytes", "estream", "<= reference + 150 ns", "")]
    [InlineData("map-put-circuit-witness", "64-bytes", "estream", "<= 200", "")]
    [InlineData("map-cas-circuit", "64-bytes", "estream", "<= 400", "")]
    [InlineData("sign", "sign", "estream", "<= 45,000, p99 <= 160,000", "<= 28,000")]
    [InlineData("sign", "verify", "estream", "<= 12,000", "<= 6,000")]
    [InlineData("sign", "sign-avx2", "estream", "<= 80,000", "<= 62,000")]
    [InlineData("sign", "signed-append", "estream", "<= 60,000", "")]
    [InlineData("sign", "first", "estream", "<= 20,000,000", "")]
    [InlineData("append-signed", "one", "estream", "<= 1.05 x", "")]
    [InlineData("sha3", "1MiB", "estream", "<= 1 x", "")]
    [InlineData("witness", "append-burst", "estream", "<= 1.5 x", "")]
    [InlineData("witness", "attest", "estream", "<= 125", "")]
    [InlineData("witness", "put-16M", "estream", "<= 200", "")]
    [InlineData("witness", "put-16M", "estream-batch", "<= 200", "")]
    [InlineData("fpga-host", "32B", "estream", "<= 20, 0 B/op", "")]
    [InlineData("packets", "64B", "af_xdp", ">= 2 x", "")]
    [InlineData("arbitrate", "two-feeds", "estream", "0 B/op", "")]
    [InlineData("fix-parse", "NewOrderSingle", "estream", "<= 85, 0 B/op", "")]
    [InlineData("fix-parse", "NewOrderSingle-split", "estream", "<= 45, 0 B/op", "")]
    [InlineData("fix-roundtrip", "64-in-flight", "estream", ">= 3 x", "")]
    [InlineData("fix-roundtrip", "1-in-flight", "estream", "p99 <= 1 x", "")]
    [InlineData("iso20022-parse", "1-transaction", "estream", "<= 0.33 x, <= 1,024 B/op", "")]
    [InlineData("iso20022-parse", "1000-transactions", "estream", "<= 0.33 x, <= 1,024 B/op", "")]
    [InlineData("hl7-parse", "message", "estream", "<= 1,000, 0 B/op", "")]
    [InlineData("hl7-parse", "patient", "estream", "<= 1,000, 0 B/op", "")]
    [InlineData("fhir-parse", "observation", "estream", "<= 0.33 x, 0 B/op", "")]
    [InlineData("fhir-parse", "observation-library", "estream", "<= 0.1 x, 0 B/op", "")]
    [InlineData("modbus-poll", "10-registers", "estream", ">= 1 x", "")]
    [InlineData("modbus-poll", "10-registers-python", "estream", ">= 2 x", "")]
    [InlineData("modbus-serve", "10-registers-python", "estream", ">= 2 x", "")]
    [InlineData("opcua-read", "10-nodes", "estream", ">= 5 x", "")]
    [InlineData("resolve", "newest", "estream", "<= 200,000,000", "")]
    [InlineData("resolve", "conflicts", "estream", "<= 200,000,000", "")]
    [InlineData("marketplace-install", "warm", "estream", "<= 2,000,000,000", "")]
    [InlineData("marketplace-install", "cold", "estream", "<= 30,000,000,000", "")]
    [InlineData("marketplace-verify", "5MB", "estream", "<= 300,000,000", "")]
    [InlineData("mqtt-ingest", "100B", "estream", ">= 400,000", "")]
    [InlineData("mqtt-ingest", "100B-cpu", "estream", ">= 5 x", "")]
    [InlineData("mqtt-idle", "10000-clients", "estream", ">= 0.98 x", "")]
    [InlineData("mqtt-client", "100B", "estream", ">= 1.5 x", "")]
    [InlineData("remote-append", "100B", "estream", ">= 1,000,000", "")]
    [InlineData("remote-map-get", "100B", "estream", "p99 <= 100,000", "")]
    [InlineData("host-at-rest", "0", "estream", "<= 3,000,000", "")]
    [InlineData("host-at-rest", "1000", "estream", "<= 20,000,000, <= 1 x", "")]
    [InlineData("host-at-rest", "10000", "estream", "<= 80,000,000", "")]
    [InlineData("socket-to-map", "1000", "estream", "p99 <= 2,000,000", "")]
    [InlineData("socket-to-map", "10000", "estream", "p99 <= 2,000,000", "")]
    public void Every_row_has_its_contracted_target(string scenario, string caseName, string implementation, string? must, string? aim)
    {
        Target? target = Catalog.Find(scenario).Cases.Single(c => c.Name == caseName).Contenders
            .Single(c => c.Implementation == implementation).Target;

        Assert.Equal((must, aim), (target?.MustText, target?.AimText));
    }

    [Theory]
    [InlineData("esf-encode")]
    [InlineData("esf-decode")]
    public void Every_schema_has_the_same_target(string scenario)
    {
        Assert.All(
            Catalog.Find(scenario).Cases,
            one => Assert.Equal("<= 1.2 x", one.Contenders.Single(c => c.Implementation == "estream").Target?.MustText));
    }

    /// <summary>A ratio of at least 1 means that the product is ahead.</summary>
    [Theory]
    [InlineData("esf-encode")]
    [InlineData("esf-decode")]
    public void The_product_must_be_ahead_of_four_serializers_with_every_schema(string scenario)
    {
        string[] serializers = ["memorypack", "messagepack", "google-flatbuffers", "protobuf-net"];
        Assert.Equal(25, Catalog.Find(scenario).Cases.Count);
        Assert.All(Catalog.Find(scenario).Cases, one =>
        {
            Contender[] rows = [.. one.Contenders.Where(row => serializers.Contains(row.Implementation))];
            Assert.Equal(serializers, rows.Select(row => row.Implementation));
            Assert.All(rows, row => Assert.Equal(("estream", ">= 1 x"), (row.Reference, row.Target?.MustText)));
        });
    }

    [Fact]
    public void Only_cases_without_AVX_512_switch_it_off()
    {
        Assert.All(Catalog.All.SelectMany(scenario => scenario.Cases), scenarioCase => Assert.All(
            scenarioCase.Contenders,
            contender => Assert.Equal(scenarioCase.Name.EndsWith("-avx2", StringComparison.Ordinal), contender.WithoutAvx512)));
    }
}
