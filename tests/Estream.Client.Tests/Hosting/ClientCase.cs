using System.Security.Cryptography.X509Certificates;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Client.Tests.Hosting;

/// <summary>A host process with queues and maps for clients, in a temporary folder.</summary>
internal sealed class ClientCase : IAsyncDisposable
{
    public const string Queue = "trades";
    public const string Map = "settings";

    /// <summary>The name of the tokens of clients.</summary>
    public const string TokenName = "test";

    /// <summary>A queue with <see cref="Partitions"/> partitions.</summary>
    public const string Partitioned = "orders";
    public const int Partitions = 6;

    /// <summary>The queue of the results of groups.</summary>
    public const string Output = "booked";

    /// <summary>A queue with eight partitions.</summary>
    public const string Keyed = "keyed";

    // Segments are preallocated, which takes time in memory file systems.
    private const string Small = """{ "SegmentBytes": 1048576 }""";

    private readonly TempDirectory _folder = new();
    private readonly string _config;
    private readonly List<EstreamClient> _clients = [];
    private string? _pageToken;
    private int _tokens;

    /// <param name="client">Further settings of the section Client, as JSON members.</param>
    /// <param name="durability">The durability of the queue.</param>
    /// <param name="withTls">Whether the TCP port serves TLS.</param>
    /// <param name="isEncrypted">Whether the map is encrypted, with the master keys in the file <c>master.keys</c>.</param>
    /// <param name="adapters">The adapters, as JSON members.</param>
    public ClientCase(
        string client = "", string durability = "PageCache", bool withTls = false, bool isEncrypted = false, string adapters = "")
    {
        string keyFile = isEncrypted ? WriteKeys() : "";
        if (withTls)
        {
            using X509Certificate2 certificate = TestCertificates.Write(_folder, "host");
            client += $$""", "Certificate": "{{Combine("host.crt")}}", "CertificateKey": "{{Combine("host.key")}}" """;
        }

        Port = FreePort.Next();
        _config = _folder.Combine("host.json");
        File.WriteAllText(_config, $$"""
            { "Logging": { "LogLevel": { "Default": "Information", "Microsoft": "Warning" } },
              "Estream": {
                "Http": { "Address": "127.0.0.1" },
                "Queues": { "{{Queue}}": { "Durability": "{{durability}}", "SegmentBytes": 1048576 },
                  "telemetry": {{Small}}, "one": {{Small}}, "two": {{Small}}, "three": {{Small}}, "many": {{Small}},
                  "streamed": { "Lex": "lex://acme/streamed", "SegmentBytes": 1048576 },
                  "{{Output}}": { "Durability": "{{durability}}", "SegmentBytes": 1048576 },
                  "{{Partitioned}}": { "Partitions": {{Partitions}}, "SegmentBytes": 1048576 },
                  "{{Keyed}}": { "Partitions": 8, "SegmentBytes": 1048576 }, "dead-letters": {{Small}} },
                "Maps": { "latest": { "Queue": "telemetry", "Schema": "IoTTelemetry", "Key": "device_id" } },
                "Adapters": { {{adapters}} },
                "Client": { "Port": {{Port}}, "Maps": { "{{Map}}": { "MaxEntries": 2000{{keyFile}} } } {{client}} } } }
            """);
        Host = Start();
    }

    public int Port { get; }

    public HostProcess Host { get; private set; }

    public string Data => _folder.Combine("data");

    public string Socket => Path.Combine(Data, "run", "client.sock");

    public string Combine(string file) => _folder.Combine(file);

    public void Restart() => Host = Start();

    /// <summary>Starts the host again with a damaged file.</summary>
    public void RestartDegraded()
    {
        Host = HostProcess.Start(Data, configFile: _config);
        _ = Host.WaitUntilDegraded();
    }

    /// <summary>Replaces a text of the configuration, for the next start.</summary>
    public void ChangeSettings(string before, string after)
    {
        string text = File.ReadAllText(_config);
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(_config, text.Replace(before, after, StringComparison.Ordinal));
    }

    /// <summary>Creates an access token. The first is named <see cref="TokenName"/>, the next ones have a number, too.</summary>
    public string AddToken(AccessRole role, AccessScopes? scopes = null)
    {
        _pageToken ??= AccessTokenFile.Create(Path.Combine(Data, "tokens"), "pages", AccessRole.Admin, null, DateTimeOffset.UtcNow);
        string name = ++_tokens == 1 ? TokenName : $"{TokenName}{_tokens}";
        return AccessTokenFile.Create(Path.Combine(Data, "tokens"), name, role, null, DateTimeOffset.UtcNow, scopes);
    }

    /// <summary>Returns the body of a page of the host, with a token if the host has one.</summary>
    public string Get(string path) => Host.Get(path, _pageToken);

    public async Task<EstreamClient> ConnectAsync(EstreamClientOptions? options = null, bool overTcp = false)
    {
        Uri address = new(overTcp ? $"estream://127.0.0.1:{Port}" : $"unix:{Socket}");
        EstreamClient client = await EstreamClient.ConnectAsync(address, options);
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (EstreamClient client in _clients)
        {
            await client.DisposeAsync();
        }

        Host.Dispose();
        _folder.Dispose();
    }

    private string WriteKeys()
    {
        string path = Combine("master.keys");
        File.WriteAllText(path, $"first {string.Concat(Enumerable.Repeat("ab", 32))}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return $$""", "KeyFile": "{{path}}" """;
    }

    private HostProcess Start() => HostProcess.Start(Data, configFile: _config).WaitUntilReady();
}

/// <summary>Host processes of this project run one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostCollection
{
    public const string Name = "host";
}
