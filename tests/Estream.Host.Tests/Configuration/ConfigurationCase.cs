using Estream.Host.Configuration;
using Estream.Testing;

namespace Estream.Host.Tests.Configuration;

/// <summary>Writes a configuration file and checks it as the host does. Returns the settings or the error message.</summary>
internal sealed class ConfigurationCase(string json) : IDisposable
{
    public static readonly IReadOnlyDictionary<string, ObjectSchema> AdapterSettingSchemas = new Dictionary<string, ObjectSchema>
    {
        [MqttSchemas.EndpointType] = MqttSchemas.Endpoint,
        [MqttSchemas.ClientType] = MqttSchemas.Client,
    };

    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, string> _environment = [];

    public string Directory => _directory.Path;

    public ConfigurationCase With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public EstreamSettings Settings()
    {
        string path = _directory.Combine("estream.json");
        File.WriteAllText(path, json);
        SettingErrors errors = new();
        ConfigurationFile file = ConfigurationFile.Load(path, _environment.GetValueOrDefault, errors);
        return ConfigurationCheck.Run(file, AdapterSettingSchemas, new FakeSchemas(), [], _environment.GetValueOrDefault, errors);
    }

    public string Message() => Assert.Throws<ConfigurationErrorException>(Settings).Message;

    public void Dispose() => _directory.Dispose();
}

/// <summary>A few schemas to check references without loading files.</summary>
internal sealed class FakeSchemas : ISchemaLookup
{
    public IEnumerable<string> Names => ["IoTTelemetry", "IoTCommand", "Split", "Paid", "Spoken"];

    public IReadOnlyCollection<string>? FieldsOf(string schema) =>
        Names.Contains(schema) ? ["device_id", "timestamp", "value"] : null;

    public IReadOnlyCollection<string> AudiencesOf(string schema) => schema is "IoTCommand" or "Split" ? ["default"] : [];

    public IReadOnlyCollection<string> SubLexesOf(string schema) => schema == "Split" ? ["clinical"] : [];

    public string? WhyNotInQueues(string schema) => schema == "Spoken" ? "is not in queues." : null;

    public string? WhyNotSigned(string schema, IEnumerable<string> captures) =>
        schema == "IoTTelemetry" ? "the schema has no signature." : null;

    public bool HasTokenizedFields(string schema) => schema == "Paid";

    public string? WhyNotKey(string schema, string field) => field == "device_id" ? null : "it is no string.";
}
