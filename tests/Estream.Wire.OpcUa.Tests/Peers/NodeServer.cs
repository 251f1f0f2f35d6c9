using Estream.Testing;

namespace Estream.Wire.OpcUa.Tests.Peers;

/// <summary>A node-opcua server with every security policy, and folders with trust lists for its clients. Shared by the tests of a
/// collection, because npm and the server take seconds to start.</summary>
public sealed class NodeServer : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly Lazy<bool> _installed;
    private ChildProcess? _process;

    public NodeServer()
    {
        _installed = new Lazy<bool>(() =>
        {
            foreach (string file in new[] { "package.json", "package-lock.json", ".npmrc", "server.js" })
            {
                File.Copy(Script(file), _folder.Combine(file));
            }

            ChildProcess.Run(
                Peer.Require("npm", "npm"), ["ci", "--ignore-scripts", "--silent"], _folder.Path, limit: TimeSpan.FromMinutes(10))
                .EnsureSuccess();
            return true;
        });
    }

    public int Port { get; } = FreePort.Next();

    public string Url => $"opc.tcp://127.0.0.1:{Port}/UA/T";

    /// <summary>Starts the server unless it runs.</summary>
    public NodeServer Start()
    {
        _ = _installed.Value;
        if (_process is null)
        {
            _process = ChildProcess.Start("node", ["server.js", $"{Port}", _folder.Combine("server")], _folder.Path);
            _process.WaitForText("UP");
        }

        return this;
    }

    /// <summary>Ends the server as a crash does.</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Creates the folder of a client that trusts the server.</summary>
    public string TrustingFolder(string name)
    {
        string folder = _folder.Combine(name);
        string trusted = Directory.CreateDirectory(Path.Combine(folder, "trusted", "certs")).FullName;
        File.Copy(_folder.Combine("server", "pki", "own", "certs", "certificate.pem"), Path.Combine(trusted, "server.pem"), true);
        return folder;
    }

    public string Combine(string name) => _folder.Combine(name);

    public OpcUaClientOptions Options(UaSecurityPolicy policy = UaSecurityPolicy.None) => new()
    {
        Url = Url,
        TimeoutMs = 60_000,
        Policy = policy,
        PkiFolder = policy == UaSecurityPolicy.None ? null : TrustingFolder("client"),
    };

    public void Dispose()
    {
        Kill();
        _folder.Dispose();
    }

    private static string Script(string name) =>
        RepositoryRoot.Combine("tests", "Estream.Wire.OpcUa.Tests", "Peers", "Node", name);
}

[CollectionDefinition(Name)]
public sealed class NodeCollection : ICollectionFixture<NodeServer>
{
    public const string Name = "node-opcua";
}
