using Estream.Testing;

namespace Estream.Wire.Hl7.Tests.Peers;

/// <summary>A folder with the samples as they are transmitted, for other implementations to read, and with their packages.</summary>
internal sealed class PeerFiles : IDisposable
{
    private readonly TempDirectory _folder = new();

    public PeerFiles()
    {
        foreach (string name in Names)
        {
            File.WriteAllBytes(_folder.Combine(name), Samples.Read(name));
        }
    }

    public static IReadOnlyList<string> Names => Samples.AcknowledgedOnce;

    public string Path => _folder.Path;

    public IEnumerable<string> Files => Names.Select(name => _folder.Combine(name));

    /// <summary>Returns the path of a script next to this file.</summary>
    public static string Script(string name) => RepositoryRoot.Combine("tests", "Estream.Wire.Hl7.Tests", "Peers", name);

    /// <summary>Installs the packages of npm, in the versions of the lock file, and copies a script beside them.</summary>
    public string Install(string script)
    {
        foreach (string file in new[] { "package.json", "package-lock.json", ".npmrc", script })
        {
            File.Copy(Script(System.IO.Path.Combine("Node", file)), _folder.Combine(file));
        }

        ChildProcess.Run(
            Peer.Require("npm", "npm"), ["ci", "--ignore-scripts", "--silent"], Path, limit: TimeSpan.FromMinutes(10)).EnsureSuccess();
        return _folder.Combine(script);
    }

    public void Dispose() => _folder.Dispose();
}
