using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Dnp3;
using Estream.Wire.Fhir;
using Estream.Wire.Fix;
using Estream.Wire.Hl7;
using Estream.Wire.Iso20022;
using Estream.Wire.Modbus;
using Estream.Wire.OpcUa;
using Estream.Wire.Mqtt;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: the configuration check of an adapter accepts exactly the keys that its factory accepts.</summary>
public sealed class AdapterSettingSchemaTests : IDisposable
{
    private const string Place = "Estream:Adapters:a";

    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _deadLetters;
    private readonly EstreamQueue _telemetry;
    private readonly IngressSinks _sinks;

    public AdapterSettingSchemaTests()
    {
        _deadLetters = EstreamQueue.Open(_directory.Combine("dead-letters"), new QueueOptions { SegmentBytes = 65536 });
        _telemetry = EstreamQueue.Open(_directory.Combine("telemetry"), new QueueOptions { SegmentBytes = 65536 });
        _sinks = new IngressSinks(_deadLetters, EsfSchemaSet.BuiltIn);
        _sinks.Add("telemetry", _telemetry);
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        MlKem1024KeyFile.WritePrivate(_directory.Combine("payment_agent.key.pem"), key);
        MlKem1024KeyFile.WritePrivate(_directory.Combine("provider.key.pem"), key);
    }

    public static TheoryData<string> Types => [.. AdapterSettingSchemas.All.Keys];

    public void Dispose()
    {
        _sinks.Dispose();
        _telemetry.Dispose();
        _deadLetters.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_setting_schema_and_the_factory_have_the_same_keys(string type)
    {
        // The factory rejects an unknown key and lists the keys of that level.
        foreach ((string level, ObjectSchema shape) in Levels(AdapterSettingSchemas.All[type], ""))
        {
            WireConfigurationException refusal = Assert.Throws<WireConfigurationException>(() => Create(type, $"{level}Unheard"));
            Assert.Equal($"{Place}:{level}Unheard", refusal.Key);
            string[] known = [.. refusal.Message.Split("accepted here: ")[1].TrimEnd('.').Split(", ").Order(StringComparer.Ordinal)];
            string[] listed =
            [
                .. shape.Settings.Where(s => s.Shape is not (ObjectSchema or ListSchema or NamedObjectsSchema)).Select(s => s.Key)
                .Order(StringComparer.Ordinal),
            ];
            Assert.Equal(known, listed);
        }
    }

    // The factories do not list the keys of lists of texts.
    [Fact]
    public void The_setting_schema_of_a_FHIR_server_has_its_lists_of_texts() => Assert.Equal(
        ["OtherUrls", "SubscriptionEndpoints"],
        FhirSettingSchemas.Server.Settings.Where(s => s.Shape is ListSchema { Item: TextSchema }).Select(s => s.Key));

    private static IEnumerable<(string Level, ObjectSchema Shape)> Levels(ObjectSchema shape, string level)
    {
        yield return (level, shape);
        foreach (Setting setting in shape.Settings)
        {
            IEnumerable<(string, ObjectSchema)> below = setting.Shape switch
            {
                ObjectSchema o => Levels(o, $"{level}{setting.Key}:"),
                SwitchSchema s => Levels(s.Particulars, $"{level}{setting.Key}:"),
                ListSchema { Item: ObjectSchema item } => Levels(item, $"{level}{setting.Key}:0:"),
                _ => [],
            };
            foreach ((string, ObjectSchema) one in below)
            {
                yield return one;
            }
        }
    }

    private static Dictionary<string, string?> OfMqtt(string type)
    {
        Dictionary<string, string?> values = new()
        {
            ["Type"] = type,
            ["Mappings:0:Topic"] = "devices/{device_id}/telemetry",
            ["Mappings:0:Schema"] = "IoTTelemetry",
            ["Mappings:0:Queue"] = "telemetry",
            ["Egress:0:Queue"] = "telemetry",
            ["Egress:0:Schema"] = "IoTCommand",
            ["Egress:0:Topic"] = "commands/{device_id}",
        };
        if (type == MqttSchemas.ClientType)
        {
            values["Broker:Host"] = "127.0.0.1";
            values["Broker:Tls:ServerName"] = "broker";
            values["Subscriptions:0:Filter"] = "devices/#";
            values["Will:Topic"] = "hosts/a";
        }

        return values;
    }

    private static Dictionary<string, string?> OfFix(string type)
    {
        Dictionary<string, string?> values = new()
        {
            ["Type"] = type,
            ["Sessions:0:SenderCompId"] = "VENUE",
            ["Sessions:0:TargetCompId"] = "DESK",
            ["Sessions:0:Schedule:Start"] = "07:00",
            ["Sessions:0:Schedule:End"] = "18:00",
            ["Mappings:0:MsgType"] = "F",
            ["Mappings:0:Schema"] = "FixOrderCancel",
            ["Mappings:0:Queue"] = "telemetry",
            ["Egress:0:Queue"] = "telemetry",
            ["Egress:0:Schema"] = "estream.fix.FixOrderCancelReject",
            ["Egress:0:TargetCompId"] = "DESK",
        };
        if (type == FixSchemas.InitiatorType)
        {
            values["Host"] = "127.0.0.1";
        }

        return values;
    }

    private static Dictionary<string, string?> OfModbus(string unknownKey)
    {
        Dictionary<string, string?> values = new()
        {
            ["Type"] = ModbusPollerFactory.Type,
            ["Devices:0:Name"] = "pump",
            ["Devices:0:Points:0:Name"] = "pressure",
            ["Devices:0:Reads:0:Count"] = "10",
            ["Mappings:0:Schema"] = "ModbusValue",
            ["Mappings:0:Queue"] = "telemetry",
            ["Egress:0:Queue"] = "telemetry",
            ["Egress:0:Schema"] = "ModbusWrite",
        };
        bool isSerial = unknownKey.StartsWith("Devices:0:Serial", StringComparison.Ordinal);
        values[isSerial ? "Devices:0:Serial:Port" : "Devices:0:Host"] = isSerial ? "/dev/ttyUSB0" : "127.0.0.1";
        return values;
    }

    private static Dictionary<string, string?> OfModbusServer() => new()
    {
        ["Type"] = ModbusServerFactory.Type,
        ["Units:0:Name"] = "plant",
        ["Units:0:Points:0:Name"] = "setpoint",
        ["Peers:0:CertificateName"] = "scada.example",
        ["Mappings:0:Schema"] = "ModbusWrite",
        ["Mappings:0:Queue"] = "telemetry",
    };

    private static Dictionary<string, string?> OfDnp3(string unknownKey)
    {
        Dictionary<string, string?> values = new()
        {
            ["Type"] = Dnp3SettingSchemas.MasterType,
            ["Devices:0:Name"] = "rtu",
            ["Devices:0:Points:0:Name"] = "breaker",
            ["Devices:0:Points:0:Kind"] = "binary-output",
            ["Mappings:0:Schema"] = "Dnp3Value",
            ["Mappings:0:Queue"] = "telemetry",
            ["Egress:0:Queue"] = "telemetry",
            ["Egress:0:Schema"] = "Dnp3Command",
        };
        bool isSerial = unknownKey.StartsWith("Devices:0:Serial", StringComparison.Ordinal);
        values[isSerial ? "Devices:0:Serial:Port" : "Devices:0:Host"] = isSerial ? "/dev/ttyUSB0" : "127.0.0.1";
        return values;
    }

    private static Dictionary<string, string?> OfOpcUa() => new()
    {
        ["Type"] = OpcUaSettingSchemas.ClientType,
        ["Servers:0:Name"] = "line",
        ["Servers:0:Url"] = "opc.tcp://127.0.0.1:4840",
        ["Servers:0:Pki"] = "pki",
        ["Servers:0:Items:0:Name"] = "temperature",
        ["Servers:0:Items:0:Node"] = "ns=1;s=Temperature",
        ["Mappings:0:Schema"] = "OpcUaReading",
        ["Mappings:0:Queue"] = "telemetry",
        ["Egress:0:Queue"] = "telemetry",
        ["Egress:0:Schema"] = "OpcUaWrite",
    };

    private Dictionary<string, string?> OfIso20022() => new()
    {
        ["Type"] = Iso20022Schemas.FolderType,
        ["Folder"] = "in",
        ["Mappings:0:Topic"] = "pacs.008",
        ["Mappings:0:Schema"] = "Pacs008CreditTransfer",
        ["Mappings:0:Queue"] = "telemetry",
        ["Out"] = "out",
        ["Egress:0:Queue"] = "telemetry",
        ["Egress:0:Schema"] = "Pacs008CreditTransfer",
        ["Egress:0:Keys"] = _directory.Path,
    };

    private Dictionary<string, string?> OfIso20022Connection(string type) => type == Iso20022Schemas.ListenerType
        ? new()
        {
            ["Type"] = type,
            ["Peers:0:CertificateName"] = "bank.example",
            ["Mappings:0:Topic"] = "pacs.008",
            ["Mappings:0:Schema"] = "Pacs008CreditTransfer",
            ["Mappings:0:Queue"] = "telemetry",
        }
        : new()
        {
            ["Type"] = type,
            ["Host"] = "127.0.0.1",
            ["Mappings:0:Topic"] = "pacs.002",
            ["Mappings:0:Schema"] = "Pacs002StatusReport",
            ["Mappings:0:Queue"] = "telemetry",
            ["Egress:0:Queue"] = "telemetry",
            ["Egress:0:Schema"] = "Pacs008CreditTransfer",
            ["Egress:0:Keys"] = _directory.Path,
        };

    private Dictionary<string, string?> OfHl7(string type) => type == Hl7SettingSchemas.ListenerType
        ? new()
        {
            ["Type"] = type,
            ["Peers:0:CertificateName"] = "lab.example",
            ["Mappings:0:Schema"] = "Hl7Header",
            ["Mappings:0:Queue"] = "telemetry",
        }
        : new()
        {
            ["Type"] = type,
            ["Host"] = "127.0.0.1",
            ["Egress:0:Queue"] = "telemetry",
            ["Egress:0:Schema"] = "Hl7Message",
            ["Egress:0:Keys"] = _directory.Path,
        };

    private Dictionary<string, string?> OfFhir(string type)
    {
        Dictionary<string, string?> values = new()
        {
            ["Type"] = type,
            ["Mappings:0:Schema"] = "FhirCommit",
            ["Mappings:0:Queue"] = "telemetry",
        };
        if (type == FhirSettingSchemas.ServerType)
        {
            values["Keys"] = _directory.Path;
        }
        else
        {
            values["Url"] = "https://127.0.0.1/fhir";
            values["Searches:0"] = "Patient";
            values["Egress:0:Queue"] = "telemetry";
            values["Egress:0:Schema"] = "FhirCommit";
            values["Egress:0:Keys"] = _directory.Path;
        }

        return values;
    }

    /// <summary>Valid settings with one unknown key.</summary>
    private void Create(string type, string unknownKey)
    {
        Dictionary<string, string?> values = type switch
        {
            Iso20022Schemas.FolderType => OfIso20022(),
            Iso20022Schemas.ListenerType or Iso20022Schemas.ClientType => OfIso20022Connection(type),
            ModbusPollerFactory.Type => OfModbus(unknownKey),
            ModbusServerFactory.Type => OfModbusServer(),
            Dnp3SettingSchemas.MasterType => OfDnp3(unknownKey),
            OpcUaSettingSchemas.ClientType => OfOpcUa(),
            _ when Hl7SettingSchemas.Has(type) => OfHl7(type),
            _ when FhirSettingSchemas.Has(type) => OfFhir(type),
            _ => FixSchemas.Has(type) ? OfFix(type) : OfMqtt(type),
        };
        values[unknownKey] = "x";
        if (type is MqttSchemas.EndpointType or FixSchemas.AcceptorType or Hl7SettingSchemas.ListenerType or FhirSettingSchemas.ServerType
                or Iso20022Schemas.ListenerType
                or ModbusServerFactory.Type
            && unknownKey.StartsWith("Tls", StringComparison.Ordinal))
        {
            values["Tls:CertificateFile"] = "certificate.pem";
        }

        AdapterRegistry registry = new AdapterRegistry().Register(new MqttEndpointFactory()).Register(new MqttClientFactory())
            .Register(new FixAcceptorFactory()).Register(new FixInitiatorFactory()).Register(new Iso20022FolderFactory())
            .Register(new Iso20022ListenerFactory()).Register(new Iso20022ClientFactory())
            .Register(new Hl7ListenerFactory()).Register(new Hl7SenderFactory()).Register(new ModbusPollerFactory())
            .Register(new ModbusServerFactory())
            .Register(new Dnp3MasterFactory())
            .Register(new OpcUaAdapterFactory())
            .Register(new FhirServerFactory()).Register(new FhirClientFactory());
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(Hl7Schemas.Own).With(FhirSchemas.Log).With(
            EsfSchemaSet.Load(RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml")));
        AdapterContext context = new("a", schemas, _sinks, SystemClock.Instance, _ => { });
        registry.Create(context, new WireSettings(Place, values));
    }
}
