using System.Globalization;
using System.Text.Json;

namespace Estream.Cli.Doctor;

/// <summary>The parts of a host configuration that the checks need: folders, listeners and referenced files.</summary>
internal sealed class HostSettings
{
    private const int MaxDepth = 32;
    private const string DefaultAddress = "127.0.0.1";

    private static readonly string[] s_secrets =
    [
        "TokenFile", "KeyFile", "PrivateKeyFile", "CertificateKey", "PasswordFile", "ScramFile", "HeadersFile", "JournalKeyFile",
        "JournalPrivateKeyFile", "RelayKeyFile", "RelayPrivateKeyFile",
    ];

    private static readonly string[] s_certificates = ["Certificate", "CertificateFile"];

    private readonly List<(string Setting, string Path)> _secretFiles = [];
    private readonly List<(string Setting, string Path)> _certificateFiles = [];
    private readonly List<(string Setting, string Address, int Port)> _listeners = [];

    /// <summary>The data folder.</summary>
    public string Data { get; private set; } = "";

    /// <summary>The Unix socket of the host; null if it is disabled.</summary>
    public string? Socket { get; private set; }

    /// <summary>The minimum free space in bytes; null for the default.</summary>
    public long? MinFreeBytes { get; private set; }

    /// <summary>The files that only their owner may access.</summary>
    public IReadOnlyList<(string Setting, string Path)> SecretFiles => _secretFiles;

    /// <summary>The certificate files (PEM).</summary>
    public IReadOnlyList<(string Setting, string Path)> CertificateFiles => _certificateFiles;

    /// <summary>The addresses and ports that the host listens on.</summary>
    public IReadOnlyList<(string Setting, string Address, int Port)> Listeners => _listeners;

    /// <summary>Reads a configuration file. Returns the default settings if no file is named.</summary>
    /// <exception cref="CliException">The file cannot be read, or it is not a JSON object with the section Estream.</exception>
    public static HostSettings Load(string? file, string dataFolder)
    {
        HostSettings settings = new();
        JsonElement estream = default;
        if (file is not null)
        {
            estream = SectionOf(file);
        }

        settings.Data = Path.GetFullPath(TextOf(estream, "Data") ?? dataFolder);
        JsonElement http = Of(estream, "Http");
        settings.AddListener("Http", http, PortOf("ESTREAM_HTTP_PORT") ?? 5080);
        if (file is null)
        {
            settings._listeners.Add(("Adapters:devices", DefaultAddress, PortOf("ESTREAM_MQTT_PORT") ?? 1883));
        }

        if (Of(http, "Management").ValueKind == JsonValueKind.Object)
        {
            settings.AddListener("Http:Management", Of(http, "Management"), 0, TextOf(http, "Address"));
        }

        string socket = TextOf(http, "Socket") ?? Path.Combine(settings.Data, "run", "http.sock");
        settings.Socket = socket == "none" ? null : Path.GetFullPath(socket);
        settings.MinFreeBytes = long.TryParse(TextOf(Of(estream, "Storage"), "MinFreeBytes"), NumberStyles.None,
            CultureInfo.InvariantCulture, out long bytes) ? bytes : null;
        if (Of(estream, "Adapters") is { ValueKind: JsonValueKind.Object } adapters)
        {
            foreach (JsonProperty adapter in adapters.EnumerateObject())
            {
                settings.AddAdapter(adapter);
            }
        }

        if (estream.ValueKind == JsonValueKind.Object)
        {
            settings.AddFiles("", estream, 0);
        }

        return settings;
    }

    private static int? PortOf(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? port
            : null;

    private static JsonElement SectionOf(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
            return Of(document.RootElement, "Estream") is { ValueKind: JsonValueKind.Object } estream
                ? estream.Clone()
                : throw new CliException($"'{file}' has no section Estream. Name the configuration file of a host.");
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The configuration '{file}' cannot be read: {failure.Message}");
        }
    }

    private void AddAdapter(JsonProperty adapter)
    {
        string setting = $"Adapters:{adapter.Name}";
        switch (TextOf(adapter.Value, "Type"))
        {
            case "mqtt-endpoint":
                AddListener(setting, adapter.Value, 1883);
                break;
            case "fix-acceptor":
                AddListener(setting, adapter.Value, 9876);
                break;
        }
    }

    private void AddListener(string setting, JsonElement section, int defaultPort, string? defaultAddress = null)
    {
        int port = int.TryParse(TextOf(section, "Port"), NumberStyles.None, CultureInfo.InvariantCulture, out int given)
            ? given
            : defaultPort;
        if (port is > 0 and <= ushort.MaxValue)
        {
            _listeners.Add((setting, TextOf(section, "Address") ?? defaultAddress ?? DefaultAddress, port));
        }
    }

    private void AddFiles(string prefix, JsonElement section, int depth)
    {
        foreach ((string name, JsonElement value) in Children(section))
        {
            string setting = prefix.Length == 0 ? name : $"{prefix}:{name}";
            if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && depth < MaxDepth)
            {
                AddFiles(setting, value, depth + 1);
            }
            else if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } path)
            {
                List<(string, string)>? files = s_secrets.Contains(name) ? _secretFiles
                    : s_certificates.Contains(name) ? _certificateFiles
                    : null;
                files?.Add((setting, Path.GetFullPath(path)));
            }
        }
    }

    private static IEnumerable<(string Name, JsonElement Value)> Children(JsonElement section) =>
        section.ValueKind == JsonValueKind.Object
            ? section.EnumerateObject().Select(property => (property.Name, property.Value))
            : section.EnumerateArray().Select((value, index) => (index.ToString(CultureInfo.InvariantCulture), value));

    private static JsonElement Of(JsonElement section, string name) =>
        section.ValueKind == JsonValueKind.Object && section.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? TextOf(JsonElement section, string name) => Of(section, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString() is { Length: > 0 } given ? given : null,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };
}
