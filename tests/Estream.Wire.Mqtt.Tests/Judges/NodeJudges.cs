using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>The independent implementations from npm, installed on first use and shared by the tests of a class.</summary>
public sealed class NodeJudges : IDisposable
{
    private static readonly string[] s_files = ["package.json", "package-lock.json", ".npmrc", "packets.mjs", "steps.mjs"];

    private readonly Lazy<TempDirectory> _folder = new(Install);

    /// <summary>Returns the path of a file in their folder.</summary>
    public string Combine(string file) => _folder.Value.Combine(file);

    /// <summary>Runs a script to its end and returns its output.</summary>
    public string Run(string script, params string[] arguments)
    {
        return ChildProcess.Run(Peer.Require("node", "nodejs"), [script, .. arguments], _folder.Value.Path).EnsureSuccess().Output;
    }

    /// <summary>Removes the installed packages.</summary>
    public void Dispose()
    {
        if (_folder.IsValueCreated)
        {
            _folder.Value.Dispose();
        }
    }

    private static TempDirectory Install()
    {
        TempDirectory folder = new();
        foreach (string file in s_files)
        {
            File.Copy(RepositoryRoot.Combine("tests", "Estream.Wire.Mqtt.Tests", "Judges", file), folder.Combine(file));
        }

        ChildProcess.Run(Peer.Require("npm", "npm"), ["ci", "--silent"], folder.Path).EnsureSuccess();
        return folder;
    }
}
