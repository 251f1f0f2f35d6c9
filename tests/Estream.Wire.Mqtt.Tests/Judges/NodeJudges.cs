using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>The judges that come from npm, installed when the first test asks for them; shared by the tests of a class.</summary>
public sealed class NodeJudges : IDisposable
{
    private static readonly string[] s_files = ["package.json", "package-lock.json", ".npmrc", "packets.mjs", "steps.mjs"];

    private readonly Lazy<TempDirectory> _folder = new(Install);

    /// <summary>The path of a file in their folder.</summary>
    public string Combine(string file) => _folder.Value.Combine(file);

    /// <summary>Runs a script of theirs to its end.</summary>
    /// <param name="script">Its name.</param>
    /// <param name="arguments">What it is given.</param>
    /// <returns>What it printed.</returns>
    public string Run(string script, params string[] arguments)
    {
        return ChildProcess.Run(Peer.Require("node", "nodejs"), [script, .. arguments], _folder.Value.Path).EnsureSuccess().Output;
    }

    /// <summary>Removes what was installed.</summary>
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
