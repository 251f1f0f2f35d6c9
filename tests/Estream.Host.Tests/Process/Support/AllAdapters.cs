using System.Text.Json;
using System.Text.Json.Serialization;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>
/// The configuration of a host with all adapters: devices at the endpoint, a desk whose requests go through acceptor, queue and initiator
/// to an exchange, a bank that fills a folder, a hospital whose messages go through listener, queue and client to a laboratory, and
/// optionally a bridged broker and a polled device.
/// </summary>
internal sealed class AllAdapters(HostFiles files)
{
    /// <summary>The schemas of payments.</summary>
    public static string Schemas { get; } = RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml");
    private static readonly JsonSerializerOptions s_withoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The port of the acceptor.</summary>
    public int FixPort { get; } = FreePort.Next();

    /// <summary>The port of the HL7 listener.</summary>
    public int Hl7Port { get; } = FreePort.Next();

    /// <summary>The number of payments written to the folder.</summary>
    public int Written { get; private set; }

    /// <summary>The folder of the configuration file.</summary>
    public string Place => Path.GetDirectoryName(files.Config)!;

    /// <summary>The folder for processed files.</summary>
    public string Done => Path.Combine(Folder, "done");

    private string Folder => Path.Combine(Place, "in");

    /// <summary>Writes a payment to the folder like a bank.</summary>
    public void Put()
    {
        string name = Path.Combine(Folder, $"{Written:D8}.xml");
        File.WriteAllText(name + ".part", PaymentFile.Transfer($"M-{Written}"));
        File.Move(name + ".part", name);
        Written++;
    }

    /// <summary>Writes the configuration.</summary>
    /// <param name="venuePort">The port of the exchange.</param>
    /// <param name="brokerPort">The port of a bridged broker; 0 for none.</param>
    /// <param name="passwordFile">The users of the MQTT endpoint; none by default.</param>
    /// <param name="devicePort">The port of a Modbus device; 0 for none.</param>
    /// <param name="field">The peers of DNP3, OPC UA and FHIR; null for none.</param>
    public void Configure(int venuePort, int brokerPort = 0, string? passwordFile = null, int devicePort = 0, FieldLoad? field = null)
    {
        HostSecrets secrets = new(files);
        secrets.Make("payment_agent", "auditor", "regulator", "provider");
        int laboratoryPort = FreePort.Next();
        Directory.CreateDirectory(Folder);
        var telemetry = new[] { new { Topic = "devices/{device_id}/telemetry", Schema = "IoTTelemetry", Queue = "telemetry" } };
        File.WriteAllText(files.Config, JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Schemas = new[] { AllAdapters.Schemas },
                Privacy = new { secrets.Keys },
                Queues = new Dictionary<string, object>
                {
                    ["telemetry"] = new { SegmentBytes = 8 << 20 },
                    ["cancels"] = new { SegmentBytes = 1 << 20 },
                    ["payments"] = new { SegmentBytes = 4 << 20 },
                    ["readings"] = new { SegmentBytes = 1 << 20 },
                    ["grid"] = new { SegmentBytes = 1 << 20 }, ["line"] = new { SegmentBytes = 1 << 20 },
                    ["fhir"] = new { SegmentBytes = 1 << 20 },
                    ["hl7"] = new { SegmentBytes = 4 << 20 },
                    ["laboratory"] = new { SegmentBytes = 1 << 20 },
                    ["spare"] = new { SegmentBytes = 1 << 17 }, ["dead-letters"] = new { SegmentBytes = 1 << 17 },
                },
                Maps = new { latest = new { Queue = "telemetry", Schema = "IoTTelemetry", Key = "device_id" } },
                Adapters = new
                {
                    devices = new { Type = "mqtt-endpoint", MaxPacketBytes = 65_536, PasswordFile = passwordFile, Mappings = telemetry },
                    cloud = brokerPort == 0 ? null : new
                    {
                        Type = "mqtt-client",
                        Broker = new { Host = "127.0.0.1", Port = brokerPort },
                        MaxPacketBytes = 65_536,
                        Subscriptions = new[] { new { Filter = "devices/+/telemetry", Qos = 1 } },
                        Mappings = telemetry,
                    },
                    desks = new
                    {
                        Type = "fix-acceptor",
                        Port = FixPort,
                        Sessions = new[] { new { SenderCompId = "BROKER", TargetCompId = "DESK", Journal = Path.Combine(Place, "desks") } },
                        Mappings = new[] { new { MsgType = "F", Schema = "FixOrderCancel", Queue = "cancels" } },
                    },
                    venue = new
                    {
                        Type = "fix-initiator",
                        Host = "127.0.0.1",
                        Port = venuePort,
                        MaxReconnectSeconds = 1,
                        Sessions = new[] { new { SenderCompId = "BROKER", TargetCompId = "EXCHANGE",
                            Journal = Path.Combine(Place, "venue") } },
                        Egress = new[] { new { Queue = "cancels", Schema = "FixOrderCancel", TargetCompId = "EXCHANGE" } },
                    },
                    bank = new { Type = "iso20022-folder", Folder, PollMs = 10,
                        Mappings = new[] { new { Topic = "pacs.008", Schema = "Pacs008CreditTransfer", Queue = "payments" } } },
                    plant = devicePort == 0 ? null : Plant(devicePort),
                    grid = field is null ? null : Grid(field),
                    line = field is null ? null : Line(field),
                    ehr = field is null ? null : Record(field, secrets.Keys),
                    hospital = new { Type = "hl7-listener", Port = Hl7Port,
                        Mappings = new[] { new { Schema = "Hl7Message", Queue = "hl7" } } },
                    forward = new { Type = "hl7-client", Host = "127.0.0.1", Port = laboratoryPort, MaxReconnectSeconds = 1,
                        Egress = new[] { new { Queue = "hl7", Schema = "Hl7Message", secrets.Keys } } },
                    laboratory = new { Type = "hl7-listener", Port = laboratoryPort,
                        Mappings = new[] { new { Schema = "Hl7Header", Queue = "laboratory" } } },
                },
            },
        }, s_withoutNulls));
    }

    private static object Record(FieldLoad field, string keys) => new
    {
        Type = "fhir-server", Port = field.FhirPort, Keys = keys, Mappings = new[] { new { Schema = "FhirCommit", Queue = "fhir" } },
    };

    private static object Grid(FieldLoad field) => new
    {
        Type = "dnp3-master",
        Devices = new[] { new { Name = "rtu", Host = "127.0.0.1", field.Outstation.Port, TimeoutMs = 20_000 } },
        Mappings = new[] { new { Schema = "Dnp3Value", Queue = "grid" } },
    };

    private static object Line(FieldLoad field) => new
    {
        Type = "opcua-client",
        Servers = new[] { new { Name = "press", field.Server.Url, Policy = "None", PublishingIntervalMs = 50,
            Items = new[] { new { Name = "level", Node = "ns=1;s=Level", SamplingMs = 0, QueueSize = 10_000 } } } },
        Mappings = new[] { new { Schema = "OpcUaReading", Queue = "line" } },
    };

    private static object Plant(int port) => new
    {
        Type = "modbus-client",
        Devices = new[] { new { Name = "plc", Host = "127.0.0.1", Port = port, TimeoutMs = 20_000,
            Points = new[] { new { Name = "level", Address = 10, EveryMs = 20 } } } },
        Mappings = new[] { new { Schema = "ModbusValue", Queue = "readings" } },
    };
}
