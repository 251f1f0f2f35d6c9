using Estream.Host.Configuration;
using Estream.Testing;

namespace Estream.Host.Tests.Configuration;

/// <summary>Writes a configuration, checks it the way the host does, and returns settings or the message.</summary>
internal sealed class ConfigurationCase(string json) : IDisposable
{
    public static readonly IReadOnlyDictionary<string, ObjectShape> AdapterShapes = new Dictionary<string, ObjectShape>
    {
        [MqttShapes.EndpointType] = MqttShapes.Endpoint,
        [MqttShapes.ClientType] = MqttShapes.Client,
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
        return ConfigurationCheck.Run(file, AdapterShapes, new FakeSchemas(), _environment.GetValueOrDefault, errors);
    }

    public string Message() => Assert.Throws<ConfigurationErrorException>(Settings).Message;

    public void Dispose() => _directory.Dispose();
}
